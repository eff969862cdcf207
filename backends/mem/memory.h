/* SPDX-License-Identifier: MIT */
/*
 * What the kinds of memory backends share: mapping the bytes that each of them finds in its own way.
 */
#pragma once

#include "vt-backends/memory.h"
#include "vt-runtime/own-path.h"

/* The bytes of one backend. */
typedef struct VtMemorySource {
    int fd;          /* -1: anonymous */
    uint64_t offset; /* in fd */
    uint64_t align;  /* of the address, a power of two; 0: as the pages want it */
    bool read_only;  /* map for reading only */
    bool rom;
    bool sync;          /* what is written is to survive a crash of the host */
    VtOwnPath *created; /* the file was made for this, and is removed if this comes to nothing; NULL: it was not */
} VtMemorySource;

/*
 * Maps them as the members that all backends have say.  Takes fd and created, whatever comes of it.  The memory is
 * given back when the object is unrealized; kinds of backends need not.
 */
bool vt_memory_map(VtObject *object, const VtMemorySource *source, GError **error);

/* The size of the pages that fd consists of. */
size_t vt_memory_page_size(int fd);

/* A file without a name, of @size bytes.  @huge: 0, or the size of its pages; 1 takes the host's usual huge pages. */
int vt_memory_create_fd(const char *name, uint64_t size, uint64_t huge, bool seal, GError **error);

typedef enum VtPopulate {
    VT_POPULATE,          /* as the host can */
    VT_POPULATE_TOUCHING, /* as on a kernel before Linux 5.14 */
} VtPopulate;

/* Takes every page at once, with up to @threads threads.  It ends soon after *@cancelled is set (NULL: never). */
bool vt_memory_populate(const VtMemory *memory, uint32_t threads, VtPopulate how, const int *cancelled, GError **error);
