/* SPDX-License-Identifier: MIT */
/*
 * How a loop passes a request to the host: through a thread of the pool, or through an I/O engine.
 */
#include "loop-private.h"
#include "vt-backends/iothread.h"

/* QEMU's main loop has the same limit. */
#define MAIN_THREADS_MAX 64
#define USUAL_BATCH      32

void
vt_block_loop_work(VtBlockRequest *request)
{
    VtBlockLoop *loop = request->loop;

    if (!loop->pool) {
        loop->pool = vt_block_pool_new(true);
    }
    if (loop->iothread) {
        VtIothreadLimits limits = vt_iothread_limits(loop->iothread);

        vt_block_pool_set_limits(loop->pool, limits.thread_pool_min, limits.thread_pool_max);
    } else {
        vt_block_pool_set_limits(loop->pool, 0, MAIN_THREADS_MAX);
    }
    request->resume = vt_block_answer;
    vt_block_pool_push(loop->pool, request);
}

void
vt_block_loop_submit(VtBlockRequest *request, VtBlockEngine which, int64_t max_batch)
{
    VtBlockLoop *loop = request->loop;
    VtLoopEngine *engine = &loop->engines[which];
    int64_t of_thread = loop->iothread ? vt_iothread_limits(loop->iothread).aio_max_batch : 0;

    if (which == VT_BLOCK_ENGINE_THREADS) {
        vt_block_loop_work(request);
        return;
    }
    if (of_thread && (!max_batch || of_thread < max_batch)) {
        max_batch = of_thread;
    }
    engine->ops->submit(engine->state, request);
    if (++engine->waiting >= (max_batch ? max_batch : USUAL_BATCH)) {
        vt_block_loop_kick(engine);
    }
}
