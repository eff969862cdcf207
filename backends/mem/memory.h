/* SPDX-License-Identifier: MIT */
/*
 * Shared by the classes of memory backends: mapping of their memory.
 */
#pragma once

#include "vt-backends/memory.h"
#include "vt-runtime/own-path.h"

/* The memory of one backend. */
typedef struct VtMemorySource {
    int fd;          /* -1: anonymous */
    uint64_t offset; /* in fd */
    uint64_t align;  /* of the address, a power of two; 0: page size */
    bool read_only;  /* map read-only */
    bool rom;
    bool sync;          /* MAP_SYNC: writes survive a crash of the host */
    VtOwnPath *created; /* the file that was created, removed on failure; NULL: it existed */
} VtMemorySource;

/*
 * Maps the memory as the members of memory-backend describe it.  Takes ownership of fd and created, also on failure.
 * The parent class unmaps the memory in unrealize.
 */
bool vt_memory_map(VtObject *object, const VtMemorySource *source, GError **error);

/* Frees the pages of the file when the memory is unmapped.  For unrealize of a subclass. */
void vt_memory_discard(VtObject *backend);

/* The page size of the file fd. */
size_t vt_memory_page_size(int fd);

/* Creates an anonymous file of @size bytes.  @huge: 0, or its page size; 1 selects the host's default huge page size.
 */
int vt_memory_create_fd(const char *name, uint64_t size, uint64_t huge, bool seal, GError **error);

typedef enum VtPopulate {
    VT_POPULATE,          /* MADV_POPULATE_WRITE if the kernel has it */
    VT_POPULATE_TOUCHING, /* touch each page, as on a kernel before Linux 5.14 */
} VtPopulate;

/* Allocates all pages now, with up to @threads threads.  Stops soon after *@cancelled is set; it may be NULL. */
bool vt_memory_populate(const VtMemory *memory, uint32_t threads, VtPopulate how, int *cancelled, GError **error);
