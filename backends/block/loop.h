/* SPDX-License-Identifier: MIT */
/*
 * Loops run the requests of one thread.  A thread with requests has one loop, beside the other sources of its
 * GMainContext.  The loop creates an I/O engine when the first node that needs the engine is opened.
 */
#pragma once

#include "node.h"

/* @iothread: NULL selects the main loop.  Main thread. */
VtBlockLoop *vt_block_loop_get(VtObject *iothread);
/* The loop must have no requests in flight.  Main thread. */
void vt_block_loop_put(VtBlockLoop *loop);
/* Creates @engine in the loop's thread, if the loop does not have it.  Main thread. */
bool vt_block_loop_require(VtBlockLoop *loop, VtBlockEngine engine, GError **error);
/* The same for the engines of @node and of all nodes below it. */
bool vt_block_loop_require_all(VtBlockLoop *loop, const VtBlockNode *node, GError **error);
/* Waits for an event and handles it.  For the main loop only, in the main thread. */
void vt_block_loop_iterate(VtBlockLoop *loop);
/* Ends the wait of vt_block_loop_iterate().  Any thread. */
void vt_block_loop_wake(VtBlockLoop *loop);

/* Calls request->resume() in the loop's thread.  Any thread. */
void vt_block_loop_post(VtBlockRequest *request);
/* Like vt_block_loop_post(), without a lock.  Loop's thread only. */
void vt_block_loop_defer(VtBlockRequest *request);
/* Like vt_block_loop_defer(), at request->deadline_ns. */
void vt_block_loop_delay(VtBlockRequest *request);

/* ---- I/O engines, in the loop's thread ----------------------------------------------------------------- */

typedef struct VtBlockQueueOps {
    /* Queues a read, write or flush of request->fd. request->work() finishes a short transfer. */
    void (*submit)(void *engine, VtBlockRequest *request);
    /* Submits the queue to the kernel.  False: some requests remain in the queue. */
    bool (*kick)(void *engine);
    /* Completes the requests that the kernel has finished.  True: there was one. */
    bool (*reap)(void *engine);
    void (*free)(void *engine);
} VtBlockQueueOps;

/* ring.c, linux-aio.c.  @ret_fd becomes readable when a request has completed.  *ret_count is the length of the queue.
 */
void *vt_block_ring_new(VtBlockLoop *loop, int *ret_fd, GError **error);
extern const VtBlockQueueOps vt_block_ring_ops;
void *vt_block_aio_new(VtBlockLoop *loop, int *ret_fd, GError **error);
extern const VtBlockQueueOps vt_block_aio_ops;

/* ---- work.c, in the loop's thread ----------------------------------------------------------------------- */

/* Runs request->work() in a thread of the pool.  Its result completes the request. */
void vt_block_loop_work(VtBlockRequest *request);
/* Queues @request in engine @which of the loop.  The queue is submitted when it has @max_batch requests, or when the
 * loop next polls. */
void vt_block_loop_submit(VtBlockRequest *request, VtBlockEngine which, int64_t max_batch);

/* ---- pool.c -------------------------------------------------------------------------------------------- */

typedef struct VtBlockPool VtBlockPool;
/* @anywhere: if the host refuses every thread, a request runs in the loop's thread; otherwise it fails. */
VtBlockPool *vt_block_pool_new(bool anywhere);
void vt_block_pool_free(VtBlockPool *pool); /* no request is queued or running */
void vt_block_pool_set_limits(VtBlockPool *pool, int64_t min, int64_t max);
/* Runs request->work() in a thread of the pool, then calls vt_block_loop_post(). */
void vt_block_pool_push(VtBlockPool *pool, VtBlockRequest *request);
