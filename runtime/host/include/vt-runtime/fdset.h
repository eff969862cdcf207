/* SPDX-License-Identifier: MIT */
/*
 * Sets of descriptors that clients hand over.  vt_file_open() opens /dev/fdset/NUMBER by a copy of a descriptor of the
 * set.  All functions may be called by any thread.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <glib.h>

#define VT_FDSET_PATH "/dev/fdset/"

typedef struct VtFdsetEntry {
    int64_t set;
    int fd;
    const char *opaque; /* text of the client; NULL: none */
} VtFdsetEntry;

/* The lowest number that no set has. */
int64_t vt_fdset_free_number(void);
/* Adds @fd, and takes ownership of it.  @opaque may be NULL. */
void vt_fdset_add(int64_t set, int fd, const char *opaque);
/* Closes @fd of the set; -1: all of its descriptors.  Returns false if there is none.  Copies stay open. */
bool vt_fdset_remove(int64_t set, int fd);
/* The descriptors of all sets, sorted by set, of VtFdsetEntry with texts that are valid until a descriptor is removed.
 * The caller frees the array. */
GArray *vt_fdset_list(void);
/* Whether @path names a set, *ret_set. */
bool vt_fdset_of_path(const char *path, int64_t *ret_set);
/* A copy of the descriptor of the set with the access mode of @flags, or of one for reads and writes.  -1 with errno:
 * there is no such set (ENOENT), or it has no such descriptor (EACCES). */
int vt_fdset_open(int64_t set, int flags);
