/* SPDX-License-Identifier: MIT */
/*
 * Tasks: requests whose driver waits for other requests.
 */
#include <errno.h>

#include "loop-private.h"
#include "vt-runtime/iovec.h"
#include "vt-runtime/main-thread.h"

/* Requests of one loop that wait at the same level; more of them queue. */
#define THREADS_MAX 64

void
vt_block_task_start(VtBlockRequest *request, int (*work)(VtBlockRequest *task))
{
    VtBlockLoop *loop = request->loop;
    VtBlockPool **pool = &loop->tasks[request->level + request->depth];

    if (!*pool) {
        *pool = vt_block_pool_new(false);
        vt_block_pool_set_limits(*pool, 0, THREADS_MAX);
    }
    request->work = work;
    request->resume = vt_block_answer;
    vt_block_pool_push(*pool, request);
}

/* ---- requests to the nodes below ------------------------------------------------------------------------- */

typedef struct Wait {
    VtBlockRequest request; /* must be first: a VtBlockRequest * is cast to Wait * */
    VtBlockNode *child;
    pthread_mutex_t lock;
    pthread_cond_t cond;
    bool done;
    int result;
} Wait;

static void
wait_submit(VtBlockRequest *request)
{
    vt_block_submit(((Wait *)request)->child, request);
}

static void
wait_completed(VtBlockRequest *request, int result)
{
    Wait *wait = (Wait *)request;

    vt_block_count(request, result);
    pthread_mutex_lock(&wait->lock);
    wait->result = result;
    wait->done = true;
    pthread_cond_signal(&wait->cond);
    pthread_mutex_unlock(&wait->lock);
}

static int
wait_for(Wait *wait)
{
    pthread_mutex_init(&wait->lock, NULL);
    pthread_cond_init(&wait->cond, NULL);
    wait->request.completed = wait_completed;
    wait->request.resume = wait_submit;
    vt_block_loop_post(&wait->request);
    pthread_mutex_lock(&wait->lock);
    while (!wait->done) {
        pthread_cond_wait(&wait->cond, &wait->lock);
    }
    pthread_mutex_unlock(&wait->lock);
    pthread_mutex_destroy(&wait->lock);
    pthread_cond_destroy(&wait->cond);
    return wait->result;
}

static Wait
wait_of(VtBlockRequest *task, VtBlockNode *child, VtBlockOp op, int64_t offset)
{
    return (Wait){.child = child,
                  .request = {.loop = task->loop,
                              .block = task->block,
                              .level = task->level + task->depth + 1,
                              .op = op,
                              .offset = offset}};
}

int
vt_block_task_vector(VtBlockRequest *task, VtBlockNode *child, VtBlockOp op, int64_t offset, const struct iovec *iov,
                     size_t n, unsigned flags)
{
    Wait wait = wait_of(task, child, op, offset);

    wait.request.iov = iov;
    wait.request.n_iov = n;
    wait.request.flags = flags;
    for (size_t i = 0; i < n; i++) {
        wait.request.size += (int64_t)iov[i].iov_len;
    }
    return wait_for(&wait);
}

int
vt_block_task_read(VtBlockRequest *task, VtBlockNode *child, int64_t offset, void *data, int64_t size)
{
    struct iovec iov = {data, (size_t)size};

    return vt_block_task_vector(task, child, VT_BLOCK_READ, offset, &iov, 1, 0);
}

int
vt_block_task_write(VtBlockRequest *task, VtBlockNode *child, int64_t offset, const void *data, int64_t size)
{
    struct iovec iov = vt_iovec(data, (size_t)size);

    return vt_block_task_vector(task, child, VT_BLOCK_WRITE, offset, &iov, 1, VT_BLOCK_GROW);
}

int
vt_block_task_command(VtBlockRequest *task, VtBlockNode *child, VtBlockOp op, int64_t offset, int64_t size,
                      unsigned flags)
{
    Wait wait = wait_of(task, child, op, offset);

    wait.request.size = size;
    wait.request.flags = flags;
    return wait_for(&wait);
}

int
vt_block_task_status(VtBlockRequest *task, VtBlockNode *child, int64_t offset, int64_t size, VtBlockStatus *ret)
{
    Wait wait = wait_of(task, child, VT_BLOCK_STATUS, offset);

    wait.request.size = size;
    wait.request.status = ret;
    return wait_for(&wait);
}

/* ---- a task without a user ------------------------------------------------------------------------------- */

static void
run_completed(VtBlockRequest *request, int result)
{
    request->result = result;
    request->completed = NULL;
}

int
vt_block_task_run(VtBlockNode *node, int (*work)(VtBlockRequest *task), void *opaque)
{
    VtBlockRequest task = {.completed = run_completed, .opaque = opaque};

    vt_assert_main();
    task.loop = vt_block_loop_get(NULL);
    if (!vt_block_loop_require_all(task.loop, node, NULL)) {
        vt_block_loop_put(task.loop);
        return -ENOSYS;
    }
    vt_block_task_start(&task, work);
    while (task.completed) {
        vt_block_loop_iterate(task.loop);
    }
    vt_block_loop_put(task.loop);
    return task.result;
}
