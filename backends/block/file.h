/* SPDX-License-Identifier: MIT */
/*
 * What the parts of file and host_device know of each other.
 */
#pragma once

#include "image.h"
#include "node.h"

struct VtBlockFile {
    const VtBlockdevFile *config;
    VtBlockNode *node;
    int fd;
    int lock_fd;           /* that holds the locks; -1: none are held */
    _Atomic bool writable; /* how it is open */
    bool is_device;
    size_t memory_alignment;
    unsigned held, unshared; /* bits of locks */
    VtBlockImage *image;     /* whose bytes these are */
    VtBlockFile *next_of_image;
    _Atomic int flush_failure; /* -errno; since then the page cache is not to be trusted */
};

/* ---- file-lock.c --------------------------------------------------------------------------------------- */

/* Bytes 100 and 200 and so on of the image: what somebody does, and what he bears nobody else doing.  The bytes and
 * their meaning are QEMU's, so that both see each other. */
enum {
    VT_FILE_READS = 1 << 0,
    VT_FILE_WRITES = 1 << 1,
    VT_FILE_WRITES_UNCHANGED = 1 << 2,
    VT_FILE_RESIZES = 1 << 3,
    VT_FILE_N_LOCKS = 4,
};

/* Holds these locks and no others; on failure it holds those it had. */
bool vt_block_file_lock(VtBlockFile *file, unsigned held, unsigned unshared, GError **error);

/* ---- file-io.c ----------------------------------------------------------------------------------------- */

void vt_block_file_submit(VtBlockNode *node, VtBlockRequest *request);

/* ---- file-size.c --------------------------------------------------------------------------------------- */

/* Sets the node's length and alignments by what is open. */
bool vt_block_file_measure(VtBlockFile *file, GError **error);
bool vt_block_file_resize(VtBlockNode *node, int64_t length, GError **error);
/* A write of whole blocks, up to @end, may have gone beyond the file's length.  0 or -errno; from any thread. */
int vt_block_file_cut(VtBlockFile *file, int fd, int64_t end);
