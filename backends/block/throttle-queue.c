/* SPDX-License-Identifier: MIT */
/*
 * Requests of a throttle group that wait.  One thread per group starts with the first request that waits, and serves as
 * the timer of all members.  The members' own threads therefore cannot delay each other.
 */
#include "throttle-queue.h"

#include <errno.h>
#include <time.h>

#include "loop.h"

#define NS INT64_C(1000000000)

enum { READS, WRITES, N_DIRECTIONS };

struct VtThrottleMember {
    VtThrottleQueue *queue;
    VtBlockQueue waiting[N_DIRECTIONS];
    VtThrottleMember *previous, *next; /* in the ring of members */
};

struct VtThrottleQueue {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    pthread_t thread;
    bool has_thread, stopping;
    VtThrottleRates rates;
    VtThrottleLevels levels;
    VtThrottleMember *turn[N_DIRECTIONS]; /* the member that was served last; NULL: no members */
    size_t n_waiting[N_DIRECTIONS];
    int last; /* direction that was served last */
};

VtThrottleQueue *
vt_throttle_queue_new(const VtThrottleRates *rates)
{
    VtThrottleQueue *queue = g_new0(VtThrottleQueue, 1);
    pthread_condattr_t attributes;

    queue->rates = *rates;
    queue->levels.leaked_ns = vt_block_now_ns();
    pthread_mutex_init(&queue->lock, NULL);
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&queue->changed, &attributes);
    pthread_condattr_destroy(&attributes);
    return queue;
}

void
vt_throttle_queue_free(VtThrottleQueue *queue)
{
    pthread_mutex_lock(&queue->lock);
    g_assert(!queue->turn[READS]);
    queue->stopping = true;
    pthread_cond_signal(&queue->changed);
    pthread_mutex_unlock(&queue->lock);
    if (queue->has_thread) {
        pthread_join(queue->thread, NULL);
    }
    pthread_cond_destroy(&queue->changed);
    pthread_mutex_destroy(&queue->lock);
    g_free(queue);
}

void
vt_throttle_queue_set_rates(VtThrottleQueue *queue, const VtThrottleRates *rates)
{
    pthread_mutex_lock(&queue->lock);
    queue->rates = *rates;
    queue->levels = (VtThrottleLevels){.leaked_ns = vt_block_now_ns()};
    pthread_cond_signal(&queue->changed);
    pthread_mutex_unlock(&queue->lock);
}

void
vt_throttle_queue_get_rates(VtThrottleQueue *queue, VtThrottleRates *ret_rates)
{
    pthread_mutex_lock(&queue->lock);
    *ret_rates = queue->rates;
    pthread_mutex_unlock(&queue->lock);
}

/* ---- members ------------------------------------------------------------------------------------------- */

VtThrottleMember *
vt_throttle_member_new(VtThrottleQueue *queue)
{
    VtThrottleMember *member = g_new0(VtThrottleMember, 1);

    member->queue = queue;
    pthread_mutex_lock(&queue->lock);
    if (!queue->turn[READS]) {
        member->next = member;
        queue->turn[READS] = queue->turn[WRITES] = member;
    }
    member->previous = queue->turn[READS];
    member->next = member->previous->next;
    member->previous->next = member->next->previous = member;
    pthread_mutex_unlock(&queue->lock);
    return member;
}

void
vt_throttle_member_free(VtThrottleMember *member)
{
    VtThrottleQueue *queue = member->queue;

    pthread_mutex_lock(&queue->lock);
    g_assert(!member->waiting[READS].head && !member->waiting[WRITES].head);
    member->previous->next = member->next;
    member->next->previous = member->previous;
    for (int i = 0; i < N_DIRECTIONS; i++) {
        if (queue->turn[i] == member) {
            queue->turn[i] = member->previous == member ? NULL : member->previous;
        }
    }
    pthread_mutex_unlock(&queue->lock);
    g_free(member);
}

/* ---- scheduling ---------------------------------------------------------------------------------------- */

static void
go_ahead(VtThrottleQueue *queue, int direction)
{
    VtThrottleMember *member = queue->turn[direction]->next;
    VtBlockRequest *request;

    while (!member->waiting[direction].head) {
        member = member->next;
    }
    queue->turn[direction] = member;
    queue->last = direction;
    queue->n_waiting[direction]--;
    request = vt_block_queue_pop(&member->waiting[direction]);
    vt_throttle_fill(&queue->levels, &queue->rates, direction == WRITES, request->size);
    vt_block_loop_post(request);
}

/* Releases each request that may run.  Returns the time until the next one may run; -1: no request waits. */
static int64_t
serve(VtThrottleQueue *queue)
{
    int64_t shortest_ns = 0;

    vt_throttle_leak(&queue->levels, &queue->rates, vt_block_now_ns());
    while (!shortest_ns) {
        shortest_ns = -1;
        /* Reads and writes alternate where they share a limit. */
        for (int i = 1; i <= N_DIRECTIONS && shortest_ns; i++) {
            int direction = (queue->last + i) % N_DIRECTIONS;
            int64_t wait_ns;

            if (!queue->n_waiting[direction]) {
                continue;
            }
            wait_ns = vt_throttle_wait_ns(&queue->levels, &queue->rates, direction == WRITES);
            if (!wait_ns) {
                go_ahead(queue, direction);
            }
            shortest_ns = shortest_ns < 0 ? wait_ns : MIN(shortest_ns, wait_ns);
        }
    }
    return shortest_ns;
}

static void *
run(void *opaque)
{
    VtThrottleQueue *queue = opaque;

    pthread_setname_np(pthread_self(), "throttle");
    pthread_mutex_lock(&queue->lock);
    while (!queue->stopping) {
        int64_t wait_ns = serve(queue);

        if (wait_ns < 0) {
            pthread_cond_wait(&queue->changed, &queue->lock);
        } else {
            int64_t until_ns = vt_block_now_ns() + wait_ns;
            struct timespec until = {until_ns / NS, until_ns % NS};

            pthread_cond_timedwait(&queue->changed, &queue->lock, &until);
        }
    }
    pthread_mutex_unlock(&queue->lock);
    return NULL;
}

static void
wait_turn(VtThrottleMember *member, VtBlockRequest *request, int direction)
{
    VtThrottleQueue *queue = member->queue;

    request->resume = vt_block_forward;
    vt_block_queue_push(&member->waiting[direction], request);
    /* The thread already waits for the first request of the queue. */
    if (queue->n_waiting[direction]++ == 0) {
        pthread_cond_signal(&queue->changed);
    }
}

bool
vt_throttle_admit(VtThrottleMember *member, VtBlockRequest *request)
{
    VtThrottleQueue *queue = member->queue;
    int direction = request->op == VT_BLOCK_READ ? READS : WRITES;
    bool at_once;

    pthread_mutex_lock(&queue->lock);
    vt_throttle_leak(&queue->levels, &queue->rates, vt_block_now_ns());
    at_once = !queue->n_waiting[direction] && !vt_throttle_wait_ns(&queue->levels, &queue->rates, direction == WRITES);
    if (!at_once && !queue->has_thread) {
        queue->has_thread = pthread_create(&queue->thread, NULL, run, queue) == 0;
        /* Without a timer thread, no request would ever be released. */
        at_once = !queue->has_thread;
    }
    if (at_once) {
        vt_throttle_fill(&queue->levels, &queue->rates, direction == WRITES, request->size);
    } else {
        wait_turn(member, request, direction);
    }
    pthread_mutex_unlock(&queue->lock);
    return at_once;
}

void
vt_throttle_let_go(VtThrottleMember *member, const VtBlock *block, bool cancel)
{
    VtThrottleQueue *queue = member->queue;

    pthread_mutex_lock(&queue->lock);
    for (int direction = 0; direction < N_DIRECTIONS; direction++) {
        VtBlockQueue others = {NULL, NULL};

        for (VtBlockRequest *request; (request = vt_block_queue_pop(&member->waiting[direction]));) {
            if (request->block != block) {
                vt_block_queue_push(&others, request);
                continue;
            }
            queue->n_waiting[direction]--;
            if (cancel) {
                request->result = -ECANCELED;
                request->resume = vt_block_answer;
            }
            vt_block_loop_post(request);
        }
        member->waiting[direction] = others;
    }
    pthread_mutex_unlock(&queue->lock);
}
