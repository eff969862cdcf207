/* SPDX-License-Identifier: MIT */
/*
 * Loops: a source of a GMainContext that runs requests in its thread.
 */
#include "loop-private.h"

#include <errno.h>
#include <poll.h>
#include <sys/timerfd.h>
#include <unistd.h>

#define NS INT64_C(1000000000)

/* ---- run requests -------------------------------------------------------------------------------------- */

static void
set_timer(VtBlockLoop *loop)
{
    int64_t at_ns = loop->delayed ? MAX(loop->delayed->deadline_ns, 1) : 0;
    struct itimerspec when = {.it_value = {at_ns / NS, at_ns % NS}};

    timerfd_settime(loop->fds[VT_LOOP_TIMER], TFD_TIMER_ABSTIME, &when, NULL);
}

static void
run_delayed(VtBlockLoop *loop)
{
    int64_t now_ns;
    uint64_t times;

    if (loop->fds[VT_LOOP_TIMER] < 0 || read(loop->fds[VT_LOOP_TIMER], &times, sizeof(times)) < 0) {
        return;
    }
    now_ns = vt_block_now_ns();
    while (loop->delayed && loop->delayed->deadline_ns <= now_ns) {
        VtBlockRequest *request = loop->delayed;

        loop->delayed = request->next;
        vt_block_queue_push(&loop->ready, request);
    }
    if (loop->delayed) {
        set_timer(loop);
    } else {
        loop->last_delayed = NULL;
    }
}

static void
take_inbox(VtBlockLoop *loop)
{
    VtBlockQueue inbox;
    uint64_t times;

    if (read(loop->fds[VT_LOOP_WAKE], &times, sizeof(times)) < 0) {
        return;
    }
    pthread_mutex_lock(&loop->lock);
    inbox = loop->inbox;
    loop->inbox = (VtBlockQueue){NULL, NULL};
    loop->woken = false;
    pthread_mutex_unlock(&loop->lock);
    for (VtBlockRequest *request; (request = vt_block_queue_pop(&inbox));) {
        vt_block_queue_push(&loop->ready, request);
    }
}

void
vt_block_loop_kick(VtLoopEngine *engine)
{
    if (engine->waiting && engine->ops->kick(engine->state)) {
        engine->waiting = 0;
    }
}

/* Returns whether the kernel accepted all requests.  If not, it lacks a resource, and the caller retries soon. */
static bool
kick_all(VtBlockLoop *loop)
{
    bool all = true;

    for (int i = 0; i < VT_BLOCK_N_ENGINES; i++) {
        vt_block_loop_kick(&loop->engines[i]);
        all = all && !loop->engines[i].waiting;
    }
    return all;
}

static void
run(VtBlockLoop *loop)
{
    VtBlockQueue ready;

    take_inbox(loop);
    run_delayed(loop);
    for (int i = 0; i < VT_BLOCK_N_ENGINES; i++) {
        VtLoopEngine *engine = &loop->engines[i];

        if (engine->state) {
            engine->ops->reap(engine->state);
        }
    }
    /* Requests that become ready meanwhile run in the next iteration, so that other sources get their turn. */
    ready = loop->ready;
    loop->ready = (VtBlockQueue){NULL, NULL};
    for (VtBlockRequest *request; (request = vt_block_queue_pop(&ready));) {
        request->resume(request);
    }
    kick_all(loop);
}

void
vt_block_loop_iterate(VtBlockLoop *loop)
{
    struct pollfd fds[VT_LOOP_N_FDS];
    nfds_t n = 0;
    int timeout_ms = kick_all(loop) ? -1 : 1;

    for (int i = 0; i < VT_LOOP_N_FDS; i++) {
        if (loop->fds[i] >= 0) {
            fds[n++] = (struct pollfd){.fd = loop->fds[i], .events = POLLIN};
        }
    }
    poll(fds, n, loop->ready.head ? 0 : timeout_ms);
    run(loop);
}

/* ---- the GSource --------------------------------------------------------------------------------------- */

static VtBlockLoop *
loop_of(GSource *source)
{
    return ((VtLoopSource *)source)->loop;
}

static gboolean
prepare(GSource *source, gint *timeout_ms)
{
    VtBlockLoop *loop = loop_of(source);

    *timeout_ms = kick_all(loop) ? -1 : 1;
    return loop->ready.head != NULL;
}

static gboolean
check(GSource *source)
{
    const VtBlockLoop *loop = loop_of(source);

    for (int i = 0; i < VT_LOOP_N_FDS; i++) {
        if (loop->tags[i] && g_source_query_unix_fd(source, loop->tags[i])) {
            return TRUE;
        }
    }
    return loop->ready.head != NULL;
}

static gboolean
dispatch(GSource *source, GSourceFunc func, gpointer opaque)
{
    (void)func;
    (void)opaque;
    run(loop_of(source));
    ((VtLoopSource *)source)->turns++;
    return G_SOURCE_CONTINUE;
}

static void
finalize(GSource *source)
{
    VtBlockLoop *loop = loop_of(source);

    g_assert(((VtLoopSource *)source)->turns);
    close(loop->fds[VT_LOOP_WAKE]);
    pthread_mutex_destroy(&loop->lock);
    g_free(loop);
}

GSourceFuncs vt_block_loop_funcs = {.prepare = prepare, .check = check, .dispatch = dispatch, .finalize = finalize};

void
vt_block_loop_watch(VtBlockLoop *loop, int which, int fd)
{
    loop->fds[which] = fd;
    loop->tags[which] = g_source_add_unix_fd(&loop->source->source, fd, G_IO_IN);
}

/* ---- called by drivers --------------------------------------------------------------------------------- */

/* Call with the lock held: after it is released, the request may complete and the loop may be freed. */
static void
wake(VtBlockLoop *loop)
{
    const uint64_t one = 1;

    if (!loop->woken && write(loop->fds[VT_LOOP_WAKE], &one, sizeof(one)) < 0) {
        g_assert(errno == EAGAIN);
    }
    loop->woken = true;
}

void
vt_block_loop_wake(VtBlockLoop *loop)
{
    pthread_mutex_lock(&loop->lock);
    wake(loop);
    pthread_mutex_unlock(&loop->lock);
}

void
vt_block_loop_post(VtBlockRequest *request)
{
    VtBlockLoop *loop = request->loop;

    pthread_mutex_lock(&loop->lock);
    vt_block_queue_push(&loop->inbox, request);
    wake(loop);
    pthread_mutex_unlock(&loop->lock);
}

void
vt_block_loop_defer(VtBlockRequest *request)
{
    vt_block_queue_push(&request->loop->ready, request);
}

void
vt_block_loop_delay(VtBlockRequest *request)
{
    VtBlockLoop *loop = request->loop;
    VtBlockRequest **place = &loop->delayed;

    if (loop->fds[VT_LOOP_TIMER] < 0) {
        vt_block_loop_watch(loop, VT_LOOP_TIMER, timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK));
    }
    if (loop->last_delayed && loop->last_delayed->deadline_ns <= request->deadline_ns) {
        place = &loop->last_delayed->next;
    }
    while (*place && (*place)->deadline_ns <= request->deadline_ns) {
        place = &(*place)->next;
    }
    request->next = *place;
    *place = request;
    if (!request->next) {
        loop->last_delayed = request;
    }
    if (loop->delayed == request) {
        set_timer(loop);
    }
}
