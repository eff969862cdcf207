/* SPDX-License-Identifier: MIT */
/*
 * Memory backends, as their users see them.
 */
#pragma once

#include "vt-runtime/object.h"

typedef struct VtMemory {
    void *base;
    uint64_t size;    /* as configured */
    uint64_t mapped;  /* from base on; size rounded up to whole pages */
    size_t page_size; /* of the mapping: a huge page where it consists of such */
    int fd;           /* whose bytes these are, open as long as the backend is realized; -1: anonymous */
    uint64_t offset;  /* of base in fd */
    bool shared;      /* other processes that have fd see the same bytes */
    bool read_only;   /* base may not be written to */
    bool rom;         /* the guest may not write to it */
    const char *name; /* by which migration knows it; NULL: nobody has claimed it */
    bool merge, dump; /* whether the host looks for equal pages, and whether core dumps have it */
} VtMemory;

/* Borrowed while @backend is realized; NULL before and after, and where @backend is no memory. */
const VtMemory *vt_memory_get(VtObject *backend);
