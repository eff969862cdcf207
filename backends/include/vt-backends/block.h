/* SPDX-License-Identifier: MIT */
/*
 * Block nodes, for their users.
 *
 * A user opens a node on the main thread.  From then on it submits requests in one thread: that of the main loop, or of
 * the I/O thread it chose.  Only vt_block_drain() and vt_block_close() wait for the host.
 */
#pragma once

#include <sys/uio.h>

#include "vt-runtime/object.h"

typedef struct VtBlock VtBlock;

typedef struct VtBlockUser {
    VtObject *device;   /* the device that claimed the node by a reference; NULL: a user without an object */
    const char *title;  /* without a device: the user's name in messages, such as "export 'e'" */
    bool read_only;     /* without a device: it never writes */
    bool share;         /* without a device: other users may write */
    bool serves;        /* without a device: its requests are those of other users; see VtClaim */
    VtObject *iothread; /* the thread that submits and completes requests; NULL: the main thread */
} VtBlockUser;

/* Opens @node, a realized object of class blockdev.  Fails if claims of other users exclude this one, if another
 * process holds a conflicting image lock, or if the host lacks a resource that requests need. */
VtBlock *vt_block_open(VtObject *node, const VtBlockUser *user, GError **error);
/* Cancels requests that wait in a throttle group (-ECANCELED), waits for the requests in flight, and closes the node.
 * The user must submit no more requests.  Main thread, and not from a VtBlockFunc. */
void vt_block_close(VtBlock *block);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VtBlock, vt_block_close)
/* Waits until no request is in flight.  Requests in a throttle group run at once.  Main thread, and not from a
 * VtBlockFunc. */
void vt_block_drain(VtBlock *block);

/* The length in bytes, a multiple of 512.  Any thread. */
int64_t vt_block_length(const VtBlock *block);
/* Returns whether writes are refused. */
bool vt_block_read_only(const VtBlock *block);
/* Requests whose offset, size and memory are multiples of this need no bounce buffer. */
size_t vt_block_alignment(const VtBlock *block);

/*
 * Completes a request.  @result is 0 or -errno: -EIO for a range outside the node, -EPERM for a write to a read-only
 * node, -ECANCELED, or an error of the host.  Runs in the user's thread, but never inside the call that submits.
 */
typedef void (*VtBlockFunc)(void *opaque, int result);

enum {
    VT_BLOCK_FUA = 1 << 0,       /* write: on stable storage before it completes */
    VT_BLOCK_MAY_UNMAP = 1 << 1, /* write zeroes: the host may deallocate the space */
};

/* @iov and its buffers are borrowed until completion. */
void vt_block_readv(VtBlock *block, int64_t offset, const struct iovec *iov, size_t n, VtBlockFunc func, void *opaque);
void vt_block_writev(VtBlock *block, int64_t offset, const struct iovec *iov, size_t n, unsigned flags,
                     VtBlockFunc func, void *opaque);
void vt_block_read(VtBlock *block, int64_t offset, void *data, size_t size, VtBlockFunc func, void *opaque);
void vt_block_write(VtBlock *block, int64_t offset, const void *data, size_t size, unsigned flags, VtBlockFunc func,
                    void *opaque);
/* All requests that completed earlier are on stable storage when this one completes. */
void vt_block_flush(VtBlock *block, VtBlockFunc func, void *opaque);
/* Discards a range, if the node has discard=unmap.  Otherwise it completes without an effect. */
void vt_block_discard(VtBlock *block, int64_t offset, int64_t size, VtBlockFunc func, void *opaque);
void vt_block_write_zeroes(VtBlock *block, int64_t offset, int64_t size, unsigned flags, VtBlockFunc func,
                           void *opaque);

/* What a range of a node is. */
typedef struct VtBlockStatus {
    int64_t size;   /* bytes that are alike, from the start of the range; at most its size, and 0 only if that is 0 */
    bool data;      /* the node stores data there; false: a hole, which can be cheaper to read */
    bool zero;      /* it reads as zeroes; false: unknown */
    unsigned depth; /* the node that decides this: 1 the opened one, 2 its backing node...; 0: none in the chain */
} VtBlockStatus;

/* Describes the start of a range; *ret is borrowed until completion, and set on success.  It is a snapshot: writes that
 * are in flight may change it.  A node that does not know it reports data. */
void vt_block_status(VtBlock *block, int64_t offset, int64_t size, VtBlockStatus *ret, VtBlockFunc func, void *opaque);

/* Changes the length of the node.  Fails if the node has a fixed length or is read-only.  Main thread. */
bool vt_block_resize(VtObject *node, int64_t length, GError **error);
