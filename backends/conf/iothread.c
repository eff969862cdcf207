/* SPDX-License-Identifier: MIT */
/*
 * iothread: a thread with its own main loop.
 */
#include "vt-backends/iothread.h"

#include <errno.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "poll.h"
#include "vt-gen/backends.h"
#include "vt-runtime/error.h"
#include "vt-runtime/open-file.h"

/* GLib aborts if a context cannot open its descriptors. */
#define CONTEXT_DESCRIPTORS 2

typedef struct State {
    VtPollLimits limits;
    GMainContext *context; /* NULL: not realized */
    GMainLoop *loop;
    GThread *thread;
    GMutex mutex;
    GCond started;
    _Atomic int64_t id; /* 0: not started */
    _Atomic int64_t aio_max_batch, thread_pool_min, thread_pool_max;
} State;

const VtOps vt_ops_iothread;

/* ---- event-loop-base: also the parent of main-loop ----------------------------------------------------- */

static bool
check_pool(VtObject *object, GError **error)
{
    const VtEventLoopBase *config = vt_object_config(object);

    if (config->thread_pool_min > config->thread_pool_max) {
        return vt_error_set(error, "thread-pool-min: %" G_GINT64_FORMAT " exceeds thread-pool-max, %" G_GINT64_FORMAT,
                            config->thread_pool_min, config->thread_pool_max);
    }
    return true;
}

static bool
set_pool(VtObject *object, const VtProp *prop, GError **error)
{
    (void)prop;
    return check_pool(object, error);
}

const VtOps vt_ops_event_loop_base = {.validate = check_pool, .set = set_pool};

/* ---- the thread ---------------------------------------------------------------------------------------- */

static void *
run(void *opaque)
{
    State *state = opaque;

    g_mutex_lock(&state->mutex);
    state->id = syscall(SYS_gettid);
    g_cond_signal(&state->started);
    g_mutex_unlock(&state->mutex);
    vt_poll_set_limits(&state->limits);
    g_main_context_push_thread_default(state->context);
    g_main_loop_run(state->loop);
    g_main_context_pop_thread_default(state->context);
    return NULL;
}

static void
adopt(State *state, const VtIothread *config)
{
    state->limits.max_ns = config->poll_max_ns;
    state->limits.grow = config->poll_grow;
    state->limits.shrink = config->poll_shrink;
    state->aio_max_batch = config->parent.aio_max_batch;
    state->thread_pool_min = config->parent.thread_pool_min;
    state->thread_pool_max = config->parent.thread_pool_max;
}

static void
clear(State *state)
{
    g_main_loop_unref(state->loop);
    g_clear_pointer(&state->context, g_main_context_unref);
    g_mutex_clear(&state->mutex);
    g_cond_clear(&state->started);
}

static bool
realize(VtObject *object, GError **error)
{
    State *state = vt_object_state(object, &vt_ops_iothread);
    g_autofree char *name = g_strdup_printf("IO %s", vt_object_id(object));
    g_autoptr(GError) failure = NULL;

    if (!vt_descriptors_are_free(CONTEXT_DESCRIPTORS)) {
        return vt_error_set(error, "the host cannot open more file descriptors: %s", g_strerror(errno));
    }
    adopt(state, vt_object_config(object));
    state->id = 0;
    state->context = g_main_context_new();
    g_main_context_set_poll_func(state->context, vt_poll);
    state->loop = g_main_loop_new(state->context, FALSE);
    g_mutex_init(&state->mutex);
    g_cond_init(&state->started);
    state->thread = g_thread_try_new(name, run, state, &failure);
    if (!state->thread) {
        clear(state);
        return vt_error_set(error, "the host cannot create more threads: %s", failure->message);
    }
    g_mutex_lock(&state->mutex);
    while (!state->id) {
        g_cond_wait(&state->started, &state->mutex);
    }
    g_mutex_unlock(&state->mutex);
    return true;
}

/* Runs in the thread itself: a quit from outside would be lost if the loop has not started. */
static gboolean
quit(gpointer loop)
{
    g_main_loop_quit(loop);
    return G_SOURCE_REMOVE;
}

static void
unrealize(VtObject *object)
{
    State *state = vt_object_state(object, &vt_ops_iothread);
    g_autoptr(GSource) last = g_idle_source_new();

    g_source_set_priority(last, G_PRIORITY_HIGH);
    g_source_set_callback(last, quit, state->loop, NULL);
    g_source_attach(last, state->context);
    g_thread_join(state->thread);
    clear(state);
}

static bool
set(VtObject *object, const VtProp *prop, GError **error)
{
    (void)prop;
    (void)error;
    adopt(vt_object_state(object, &vt_ops_iothread), vt_object_config(object));
    return true;
}

const VtOps vt_ops_iothread = {
    .state_size = sizeof(State),
    .realize = realize,
    .unrealize = unrealize,
    .set = set,
};

/* ---- called by users ----------------------------------------------------------------------------------- */

GMainContext *
vt_iothread_context(VtObject *iothread)
{
    return ((State *)vt_object_state(iothread, &vt_ops_iothread))->context;
}

int64_t
vt_iothread_id(VtObject *iothread)
{
    return ((State *)vt_object_state(iothread, &vt_ops_iothread))->id;
}

VtIothreadLimits
vt_iothread_limits(VtObject *iothread)
{
    const State *state = vt_object_state(iothread, &vt_ops_iothread);

    return (VtIothreadLimits){state->aio_max_batch, state->thread_pool_min, state->thread_pool_max};
}
