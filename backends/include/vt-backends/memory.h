/* SPDX-License-Identifier: MIT */
/*
 * Memory backends, for their users.
 */
#pragma once

#include "vt-runtime/object.h"

typedef struct VtMemory {
    void *base;
    uint64_t size;    /* as configured */
    uint64_t mapped;  /* bytes mapped at base: size, rounded up to whole pages */
    size_t page_size; /* of the mapping; a huge page on hugetlbfs */
    int fd;           /* the mapped file, open while the backend is realized; -1: anonymous memory */
    uint64_t offset;  /* of base, in fd */
    bool shared;      /* MAP_SHARED: other processes with fd see the same bytes */
    bool read_only;   /* base is mapped read-only */
    bool rom;         /* the guest cannot write to it */
    const char *name; /* RAM block name in the migration stream; NULL: not claimed */
    bool merge, dump; /* mem-merge (KSM), and dump-guest-core */
} VtMemory;

/* Borrowed while @backend is realized.  NULL if it is not realized, or not a memory backend. */
const VtMemory *vt_memory_get(VtObject *backend);
