/* SPDX-License-Identifier: MIT */
/*
 * A pool of threads for blocking system calls, one request per thread.  Threads start on demand and end after an idle
 * time.
 */
#include "loop.h"

#include <errno.h>
#include <time.h>

#define IDLE_SECONDS 10

typedef struct Worker {
    pthread_t thread;
    VtBlockPool *pool;
    struct Worker *next; /* in the list of ended threads */
} Worker;

struct VtBlockPool {
    pthread_mutex_t lock;
    pthread_cond_t work, ended;
    VtBlockQueue queue;
    int64_t n_queued, n_threads, n_idle, min, max;
    bool stopping, anywhere;
    Worker *dead; /* ended threads to join */
};

VtBlockPool *
vt_block_pool_new(bool anywhere)
{
    VtBlockPool *pool = g_new0(VtBlockPool, 1);
    pthread_condattr_t attributes;

    pool->anywhere = anywhere;
    pthread_mutex_init(&pool->lock, NULL);
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&pool->work, &attributes);
    pthread_cond_init(&pool->ended, NULL);
    pthread_condattr_destroy(&attributes);
    return pool;
}

/* Call with the lock held.  Returns a request, or NULL when the thread must end. */
static VtBlockRequest *
wait_for_work(VtBlockPool *pool)
{
    VtBlockRequest *request;
    struct timespec until;
    int failure = 0;

    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += IDLE_SECONDS;
    while (!(request = vt_block_queue_pop(&pool->queue))) {
        if (pool->stopping || (failure == ETIMEDOUT && pool->n_threads > pool->min)) {
            return NULL;
        }
        pool->n_idle++;
        failure = pthread_cond_timedwait(&pool->work, &pool->lock, &until);
        pool->n_idle--;
        if (failure == ETIMEDOUT && pool->n_threads <= pool->min) {
            until.tv_sec += IDLE_SECONDS;
        }
    }
    pool->n_queued--;
    return request;
}

static void *
serve(void *opaque)
{
    Worker *worker = opaque;
    VtBlockPool *pool = worker->pool;

    pthread_setname_np(pthread_self(), "block worker");
    pthread_mutex_lock(&pool->lock);
    for (VtBlockRequest *request; (request = wait_for_work(pool));) {
        pthread_mutex_unlock(&pool->lock);
        request->result = request->work(request);
        vt_block_loop_post(request);
        pthread_mutex_lock(&pool->lock);
    }
    worker->next = pool->dead;
    pool->dead = worker;
    pool->n_threads--;
    pthread_cond_signal(&pool->ended);
    pthread_mutex_unlock(&pool->lock);
    return NULL;
}

/* Call with the lock held. */
static void
bury(VtBlockPool *pool)
{
    while (pool->dead) {
        Worker *worker = pool->dead;

        pool->dead = worker->next;
        pthread_join(worker->thread, NULL);
        g_free(worker);
    }
}

static bool
hire(VtBlockPool *pool)
{
    Worker *worker = g_new0(Worker, 1);

    worker->pool = pool;
    if (pthread_create(&worker->thread, NULL, serve, worker)) {
        g_free(worker);
        return false;
    }
    pool->n_threads++;
    return true;
}

void
vt_block_pool_set_limits(VtBlockPool *pool, int64_t min, int64_t max)
{
    pthread_mutex_lock(&pool->lock);
    pool->min = min;
    pool->max = MAX(max, 1);
    while (pool->n_threads < pool->min && hire(pool)) {
    }
    pthread_mutex_unlock(&pool->lock);
}

void
vt_block_pool_push(VtBlockPool *pool, VtBlockRequest *request)
{
    bool alone = false;

    pthread_mutex_lock(&pool->lock);
    bury(pool);
    vt_block_queue_push(&pool->queue, request);
    pool->n_queued++;
    if (pool->n_idle < pool->n_queued && pool->n_threads < pool->max && !hire(pool)) {
        alone = pool->n_threads == 0;
    }
    if (alone) {
        /* The host refuses to create any thread, so the request cannot wait for one. */
        vt_block_queue_pop(&pool->queue);
        pool->n_queued--;
    }
    pthread_cond_signal(&pool->work);
    pthread_mutex_unlock(&pool->lock);
    if (alone) {
        request->result = pool->anywhere ? request->work(request) : -EAGAIN;
        vt_block_loop_defer(request);
    }
}

void
vt_block_pool_free(VtBlockPool *pool)
{
    pthread_mutex_lock(&pool->lock);
    pool->stopping = true;
    pthread_cond_broadcast(&pool->work);
    while (pool->n_threads) {
        pthread_cond_wait(&pool->ended, &pool->lock);
    }
    pthread_mutex_unlock(&pool->lock);
    /* All threads have left the pool; joining them also waits until they have released the lock. */
    bury(pool);
    pthread_cond_destroy(&pool->work);
    pthread_cond_destroy(&pool->ended);
    pthread_mutex_destroy(&pool->lock);
    g_free(pool);
}
