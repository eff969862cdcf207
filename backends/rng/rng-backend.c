/* SPDX-License-Identifier: MIT */
/*
 * rng-backend: the main loop serves requests in order.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include <glib-unix.h>

#include "rng.h"
#include "vt-gen/backends.h"
#include "vt-runtime/error.h"
#include "vt-runtime/main-thread.h"

#define ANSWER_MAX ((size_t)64 << 10)

typedef struct State {
    VtObject *object;
    VtRngRead read;               /* NULL: not realized, or the source feeds its bytes */
    void (*asked)(VtObject *rng); /* NULL: the source does not feed its bytes */
    int fd;
    GQueue requests; /* of VtRngRequest */
    GSource *source; /* exists while there are requests; owned */
} State;

struct VtRngRequest {
    State *state;
    GList link;
    VtRngFunc func;
    void *opaque;
    size_t size, filled;
    char data[];
};

const VtOps vt_ops_rng_backend;

static void
request_free(VtRngRequest *request)
{
    /* The guest may use the bytes as a key. */
    explicit_bzero(request->data, request->size);
    g_free(request);
}

static void
stop(State *state)
{
    if (state->source) {
        g_source_destroy(state->source);
        g_clear_pointer(&state->source, g_source_unref);
    }
}

/* Completes the first request, which was removed from the queue. */
static void
answer(VtRngRequest *request, ssize_t size, int number, const char *name)
{
    g_autoptr(GError) error = NULL;

    if (size > 0) {
        request->func(request->data, (size_t)size, NULL, request->opaque);
    } else {
        vt_error_set(&error, "source '%s': %s", name, size ? g_strerror(number) : "end of file");
        request->func(NULL, 0, error, request->opaque);
    }
    request_free(request);
}

static gboolean
serve(State *state)
{
    VtRngRequest *request = g_queue_peek_head(&state->requests);
    ssize_t size = state->read(state->fd, request->data, request->size);
    int number = errno;

    if (size < 0 && (number == EAGAIN || number == EINTR)) {
        return G_SOURCE_CONTINUE;
    }
    g_queue_unlink(&state->requests, &request->link);
    if (!state->requests.length) {
        stop(state);
    }
    /* The callback may submit another request, or unrealize the source: do not use the state after it. */
    answer(request, size, number, vt_object_display(state->object));
    return G_SOURCE_CONTINUE;
}

static gboolean
on_idle(gpointer state)
{
    return serve(state);
}

static gboolean
on_readable(gint fd, GIOCondition condition, gpointer state)
{
    (void)fd;
    (void)condition;
    return serve(state);
}

static void
start(State *state)
{
    if (state->fd >= 0) {
        state->source = g_unix_fd_source_new(state->fd, G_IO_IN | G_IO_HUP | G_IO_ERR);
        g_source_set_callback(state->source, G_SOURCE_FUNC(on_readable), state, NULL);
    } else {
        state->source = g_idle_source_new();
        g_source_set_priority(state->source, G_PRIORITY_DEFAULT);
        g_source_set_callback(state->source, on_idle, state, NULL);
    }
    g_source_attach(state->source, NULL);
}

VtRngRequest *
vt_rng_request(VtObject *rng, size_t size, VtRngFunc func, void *opaque)
{
    State *state = vt_object_state(rng, &vt_ops_rng_backend);
    VtRngRequest *request;

    vt_assert_main();
    g_assert((state->read || state->asked) && size && func);
    /* Limits the memory that a guest can allocate by a request. */
    size = MIN(size, ANSWER_MAX);
    request = g_malloc0(sizeof *request + size);
    *request = (VtRngRequest){.state = state, .func = func, .opaque = opaque, .size = size};
    request->link.data = request;
    g_queue_push_tail_link(&state->requests, &request->link);
    if (state->asked) {
        state->asked(rng);
    } else if (!state->source) {
        start(state);
    }
    return request;
}

void
vt_rng_cancel(VtRngRequest *request)
{
    State *state = request->state;

    vt_assert_main();
    g_queue_unlink(&state->requests, &request->link);
    request_free(request);
    if (!state->requests.length) {
        stop(state);
    }
}

void
vt_rng_open(VtObject *rng, int fd, VtRngRead read)
{
    State *state = vt_object_state(rng, &vt_ops_rng_backend);

    *state = (State){.object = rng, .read = read, .fd = fd};
    g_queue_init(&state->requests);
}

void
vt_rng_open_fed(VtObject *rng, void (*asked)(VtObject *rng))
{
    vt_rng_open(rng, -1, NULL);
    ((State *)vt_object_state(rng, &vt_ops_rng_backend))->asked = asked;
}

static size_t
missing(const GList *link)
{
    const VtRngRequest *request = link ? link->data : NULL;

    return request ? request->size - request->filled : 0;
}

size_t
vt_rng_wanted(VtObject *rng)
{
    State *state = vt_object_state(rng, &vt_ops_rng_backend);
    size_t size = 0;

    for (const GList *link = state->requests.head; link; link = link->next) {
        size += missing(link);
    }
    return size;
}

size_t
vt_rng_wanted_first(VtObject *rng)
{
    return missing(((State *)vt_object_state(rng, &vt_ops_rng_backend))->requests.head);
}

void
vt_rng_feed(VtObject *rng, const void *data, size_t size)
{
    State *state = vt_object_state(rng, &vt_ops_rng_backend);
    VtRngRequest *request = g_queue_peek_head(&state->requests);

    g_assert(request && size <= request->size - request->filled);
    memcpy(request->data + request->filled, data, size);
    request->filled += size;
    if (request->filled == request->size) {
        g_queue_unlink(&state->requests, &request->link);
        answer(request, (ssize_t)request->size, 0, vt_object_display(rng));
    }
}

static void
unrealize(VtObject *object)
{
    State *state = vt_object_state(object, &vt_ops_rng_backend);

    if (!state->read && !state->asked) {
        return;
    }
    while (state->requests.length) {
        vt_rng_cancel(g_queue_peek_head(&state->requests));
    }
    if (state->fd >= 0) {
        close(state->fd);
    }
    state->read = NULL;
    state->asked = NULL;
}

const VtOps vt_ops_rng_backend = {.state_size = sizeof(State), .unrealize = unrealize};
