/* SPDX-License-Identifier: MIT */
/*
 * Images: the host's files and block devices that this process has open.  All nodes of an image share its range locks.
 */
#pragma once

#include "ranges.h"

typedef struct VtBlockFile VtBlockFile;

typedef struct VtBlockImage {
    uint64_t device, inode;
    bool is_device;
    VtBlockRanges *ranges;
    pthread_mutex_t end;    /* held while the file changes its length */
    _Atomic int64_t length; /* that all nodes show; changes with @end held, or before there are requests */
    bool resizing;          /* a resize is in progress, which keeps the image; main thread only */
    VtBlockFile *files;     /* linked by next_of_image; main thread only */
    struct VtBlockImage *next;
} VtBlockImage;

/* Adds @file to the image of file->fd, which is created with its first file.  Main thread.  On failure, false and
 * errno.
 */
bool vt_block_image_join(VtBlockFile *file);
/* Removes @file from its image, if any.  The file must have no requests in flight.  Main thread. */
void vt_block_image_leave(VtBlockFile *file);
/* Ends a resize: frees the image if its last file left meanwhile.  Main thread. */
void vt_block_image_resized(VtBlockImage *image);
