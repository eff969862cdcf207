/* SPDX-License-Identifier: MIT */
/*
 * Loops: what carries requests in one thread.  Each thread that has requests has one, beside its GMainContext's other
 * sources; engines hang on it and are made when the first node that wants one is opened.
 */
#pragma once

#include "node.h"

/* @iothread: NULL is the main loop.  Main thread. */
VtBlockLoop *vt_block_loop_get(VtObject *iothread);
/* Without requests by now.  Main thread. */
void vt_block_loop_put(VtBlockLoop *loop);
/* Makes what @engine needs.  Main thread; the work is done in the loop's. */
bool vt_block_loop_require(VtBlockLoop *loop, VtBlockEngine engine, GError **error);
/* Waits for something to happen and handles it.  The main loop's only, in the main thread. */
void vt_block_loop_iterate(VtBlockLoop *loop);
/* From any thread: ends the wait of vt_block_loop_iterate(). */
void vt_block_loop_wake(VtBlockLoop *loop);

/* From any thread: request->resume() is called in the loop's. */
void vt_block_loop_post(VtBlockRequest *request);
/* In the loop's thread: the same, without a lock. */
void vt_block_loop_defer(VtBlockRequest *request);
/* In the loop's thread: the same, at request->deadline_ns. */
void vt_block_loop_delay(VtBlockRequest *request);

/* ---- engines, in the loop's thread --------------------------------------------------------------------- */

typedef struct VtBlockQueueOps {
    /* Takes a read, a write or a flush for request->fd; short ones are finished by request->work(). */
    void (*submit)(void *engine, VtBlockRequest *request);
    /* Hands over to the host what was submitted.  False: not all of it could be. */
    bool (*kick)(void *engine);
    /* Answers what the host has finished.  True: there was something. */
    bool (*reap)(void *engine);
    void (*free)(void *engine);
} VtBlockQueueOps;

/* ring.c, linux-aio.c.  @ret_fd becomes readable when there is something to reap.  *ret_count is how many wait to be
 * handed over. */
void *vt_block_ring_new(VtBlockLoop *loop, int *ret_fd, GError **error);
extern const VtBlockQueueOps vt_block_ring_ops;
void *vt_block_aio_new(VtBlockLoop *loop, int *ret_fd, GError **error);
extern const VtBlockQueueOps vt_block_aio_ops;

/* ---- work.c, in the loop's thread ----------------------------------------------------------------------- */

/* request->work() runs in a thread of its own, and its result is the answer. */
void vt_block_loop_work(VtBlockRequest *request);
/* Hands @request to the loop's engine @which, and over to the host once @max_batch wait, or when the loop next waits.
 */
void vt_block_loop_submit(VtBlockRequest *request, VtBlockEngine which, int64_t max_batch);

/* ---- pool.c -------------------------------------------------------------------------------------------- */

typedef struct VtBlockPool VtBlockPool;
VtBlockPool *vt_block_pool_new(void);
void vt_block_pool_free(VtBlockPool *pool); /* nothing waits or runs */
void vt_block_pool_set_limits(VtBlockPool *pool, int64_t min, int64_t max);
/* request->work() in one of the threads, then vt_block_loop_post(). */
void vt_block_pool_push(VtBlockPool *pool, VtBlockRequest *request);
