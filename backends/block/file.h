/* SPDX-License-Identifier: MIT */
/*
 * Shared by the parts of the drivers file and host_device.
 */
#pragma once

#include "image.h"
#include "node.h"

struct VtBlockFile {
    const VtBlockdevFile *config;
    VtBlockNode *node;
    int fd;
    int lock_fd;           /* holds the image locks; -1: locking is off */
    _Atomic bool writable; /* opened for writing */
    bool is_device;
    size_t memory_alignment;
    unsigned held, unshared; /* bits VT_FILE_* */
    VtBlockImage *image;     /* the image that the file belongs to */
    VtBlockFile *next_of_image;
    _Atomic int flush_failure; /* -errno of the first failed flush, after which the page cache is not reliable */
};

/* ---- file-lock.c --------------------------------------------------------------------------------------- */

/* Bytes that lock an image: from 100 on for each permission that a user holds, from 200 on for each that it does not
 * share with others.  The offsets and meanings are QEMU's, so that both respect each other's locks. */
enum {
    VT_FILE_READS = 1 << 0,
    VT_FILE_WRITES = 1 << 1,
    VT_FILE_WRITES_UNCHANGED = 1 << 2,
    VT_FILE_RESIZES = 1 << 3,
    VT_FILE_N_LOCKS = 4,
};

/* Holds exactly these locks; on failure it still holds the previous ones. */
bool vt_block_file_lock(VtBlockFile *file, unsigned held, unsigned unshared, GError **error);

/* ---- file-io.c ----------------------------------------------------------------------------------------- */

void vt_block_file_submit(VtBlockNode *node, VtBlockRequest *request);

/* ---- file-size.c --------------------------------------------------------------------------------------- */

/* Sets the node's length and alignment from the open file. */
bool vt_block_file_measure(VtBlockFile *file, GError **error);
bool vt_block_file_resize(VtBlockNode *node, int64_t length, GError **error);
/* Truncates the file to the node's length after a write of whole blocks up to @end has extended it.  Returns 0 or
 * -errno.  Any thread. */
int vt_block_file_cut(VtBlockFile *file, int fd, int64_t end);
