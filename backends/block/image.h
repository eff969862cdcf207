/* SPDX-License-Identifier: MIT */
/*
 * Images: the files and devices of the host that this process has open, whichever nodes show them.  All nodes of an
 * image share its locks on ranges.
 */
#pragma once

#include "ranges.h"

typedef struct VtBlockFile VtBlockFile;

typedef struct VtBlockImage {
    uint64_t device, inode;
    bool is_device;
    VtBlockRanges *ranges;
    pthread_mutex_t end; /* held to change the length */
    VtBlockFile *files;  /* by next_of_image; main thread */
    struct VtBlockImage *next;
} VtBlockImage;

/* Finds the image of file->fd, or makes it, and adds @file to it.  Main thread.  False: see errno. */
bool vt_block_image_join(VtBlockFile *file);
/* Of a file that has joined one, or none; without requests by now.  Main thread. */
void vt_block_image_leave(VtBlockFile *file);
