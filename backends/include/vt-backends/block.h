/* SPDX-License-Identifier: MIT */
/*
 * Block nodes, as their users see them.
 *
 * A user opens a node on the main thread and from then on submits requests in one thread: that of the main loop, or of
 * the I/O thread it named.  Nothing here waits for the host but vt_block_drain() and vt_block_close().
 */
#pragma once

#include <sys/uio.h>

#include "vt-runtime/object.h"

typedef struct VtBlock VtBlock;

typedef struct VtBlockUser {
    VtObject *device;   /* that refers to the node and has claimed it; NULL: a user without an object */
    const char *title;  /* then: what messages call it, as "export 'e'" */
    bool read_only;     /* then: it never writes */
    bool share;         /* then: others may write meanwhile */
    VtObject *iothread; /* in whose thread requests come and are answered; NULL: the main thread */
} VtBlockUser;

/* @node: of class blockdev, and realized.  Fails when others' claims exclude this one, when another process has locked
 * what is to be written, and when the host lacks what the requests would run with. */
VtBlock *vt_block_open(VtObject *node, const VtBlockUser *user, GError **error);
/* Gives up what waits in a throttle group (-ECANCELED), waits for all that the host has, and lets go of the node.
 * Nobody submits any more.  Main thread, and never from a VtBlockFunc. */
void vt_block_close(VtBlock *block);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VtBlock, vt_block_close)
/* Until no request is in flight; what waits in a throttle group goes ahead at once.  Main thread, and never from a
 * VtBlockFunc. */
void vt_block_drain(VtBlock *block);

/* Bytes, a multiple of 512.  From any thread. */
int64_t vt_block_length(const VtBlock *block);
/* Whether writes are refused. */
bool vt_block_read_only(const VtBlock *block);
/* Requests whose position, size and memory are multiples of this go to the host as they are; others cost more. */
size_t vt_block_alignment(const VtBlock *block);

/*
 * 0, or what is wrong: -EIO for bytes that the node does not have, -EPERM for writing where that is refused,
 * -ECANCELED, or what the host says.  Called in the user's thread, never from within the call that submits.
 */
typedef void (*VtBlockFunc)(void *opaque, int result);

enum {
    VT_BLOCK_FUA = 1 << 0,       /* writes: on stable storage before they are answered */
    VT_BLOCK_MAY_UNMAP = 1 << 1, /* zeroes: the space may be given back */
};

/* @iov and its memory are borrowed until the answer. */
void vt_block_readv(VtBlock *block, int64_t offset, const struct iovec *iov, size_t n, VtBlockFunc func, void *opaque);
void vt_block_writev(VtBlock *block, int64_t offset, const struct iovec *iov, size_t n, unsigned flags,
                     VtBlockFunc func, void *opaque);
void vt_block_read(VtBlock *block, int64_t offset, void *data, size_t size, VtBlockFunc func, void *opaque);
void vt_block_write(VtBlock *block, int64_t offset, const void *data, size_t size, unsigned flags, VtBlockFunc func,
                    void *opaque);
/* What was answered before is on stable storage when this is answered. */
void vt_block_flush(VtBlock *block, VtBlockFunc func, void *opaque);
/* The content of these bytes no longer matters.  Done only where the node's 'discard' says so. */
void vt_block_discard(VtBlock *block, int64_t offset, int64_t size, VtBlockFunc func, void *opaque);
void vt_block_write_zeroes(VtBlock *block, int64_t offset, int64_t size, unsigned flags, VtBlockFunc func,
                           void *opaque);

/* Another length for the node; refused where it has none of its own, or may not be written to.  Main thread. */
bool vt_block_resize(VtObject *node, int64_t length, GError **error);
