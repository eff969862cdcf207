/* SPDX-License-Identifier: MIT */
/*
 * tap: frames through an interface of the host's kernel.  They come by all of its queues and go by the first.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include <glib-unix.h>

#include "cable.h"
#include "tap-open.h"
#include "vt-gen/backends.h"
#include "vt-runtime/error.h"

#define HEADER_MAX 64
#define PARTS_MAX  8
/* So many frames are taken before others have their turn. */
#define BURST 64

typedef struct State State;

typedef struct Queue {
    State *state;
    int fd;
    guint reader;
} Queue;

struct State {
    VtNetEnd *end;
    VtTapInfo info;
    Queue *queues;
    size_t n_queues; /* those that are open */
    guint writer;
    uint8_t *data; /* a frame with its header */
    bool set_up;   /* by the script */
};

const VtOps vt_ops_netdev_tap;

/* ---- frames -------------------------------------------------------------------------------------------- */

static gboolean
on_readable(gint fd, GIOCondition condition, gpointer opaque)
{
    Queue *queue = opaque;
    State *state = queue->state;

    (void)condition;
    for (int i = 0; i < BURST; i++) {
        ssize_t got = read(fd, state->data, HEADER_MAX + VT_NET_FRAME_MAX);
        struct iovec iov = {state->data + state->info.header_size, (size_t)got - state->info.header_size};

        if (got < 0 && (errno == EAGAIN || errno == EINTR)) {
            return G_SOURCE_CONTINUE;
        }
        /* The interface is gone; or the other end takes no more for now. */
        if (got < 0 || ((size_t)got > state->info.header_size && !vt_net_send(state->end, &iov, 1))) {
            queue->reader = 0;
            return G_SOURCE_REMOVE;
        }
    }
    return G_SOURCE_CONTINUE;
}

static void
ready(void *opaque)
{
    State *state = opaque;

    for (size_t i = 0; i < state->n_queues; i++) {
        Queue *queue = &state->queues[i];

        if (!queue->reader) {
            queue->reader = g_unix_fd_add(queue->fd, G_IO_IN, on_readable, queue);
        }
    }
}

static gboolean
on_writable(gint fd, GIOCondition condition, gpointer opaque)
{
    State *state = opaque;

    (void)fd;
    (void)condition;
    state->writer = 0;
    vt_net_flush(state->end);
    return G_SOURCE_REMOVE;
}

static bool
can_receive(void *opaque)
{
    return !((State *)opaque)->writer;
}

static bool
deliver(void *opaque, const struct iovec *iov, size_t n)
{
    static const uint8_t no_offloads[HEADER_MAX];
    State *state = opaque;
    struct iovec parts[PARTS_MAX] = {{(void *)no_offloads, state->info.header_size}};
    g_autofree char *joined = NULL;

    if (n < PARTS_MAX) {
        memcpy(parts + 1, iov, n * sizeof *iov);
    } else {
        size_t size = vt_iov_size(iov, n);

        joined = g_malloc(size);
        vt_iov_copy(iov, n, 0, joined, size);
        parts[1] = (struct iovec){joined, size};
        n = 1;
    }
    if (writev(state->queues[0].fd, parts, (int)n + 1) < 0 && errno == EAGAIN) {
        state->writer = g_unix_fd_add(state->queues[0].fd, G_IO_OUT, on_writable, state);
        return false;
    }
    /* What an interface that is down does not take is lost. */
    return true;
}

static const VtNetOps ops = {.deliver = deliver, .can_receive = can_receive, .ready = ready};

/* ---- members that go together -------------------------------------------------------------------------- */

static bool
check_name(const char *name, GError **error)
{
    if (name && (!*name || strlen(name) >= IFNAMSIZ)) {
        return vt_error_set(error, "ifname: '%s' has %zu bytes; it is 1 to %d", name, strlen(name), IFNAMSIZ - 1);
    }
    return true;
}

static bool
check_fds(const char *text, const char *what, GError **error)
{
    g_auto(GStrv) parts = text ? g_strsplit(text, ":", -1) : NULL;

    if (text && !*text) {
        return vt_error_set(error, "%s: it is empty", what);
    }
    for (size_t i = 0; parts && parts[i]; i++) {
        guint64 fd;

        if (!g_ascii_string_to_unsigned(parts[i], 10, STDERR_FILENO + 1, G_MAXINT, &fd, NULL)) {
            return vt_error_set(error, "%s: '%s' is not the number of a file descriptor that is free to use", what,
                                parts[i]);
        }
    }
    return true;
}

/* An interface that is open already, or that a helper opens, is as it is. */
static bool
check_open_already(VtObject *object, const VtNetdevTap *config, GError **error)
{
    static const char *const members[] = {"ifname", "script", "downscript", "vnet_hdr", "queues"};
    const char *how = config->fd ? "fd" : config->fds ? "fds" : config->helper ? "helper" : NULL;

    if (config->fd && config->fds) {
        return vt_error_set(error, "fd and fds say the same thing: one of them is enough");
    }
    if ((config->fd || config->fds) && config->helper) {
        return vt_error_set(error, "helper: the interface is open already, as %s says", how);
    }
    for (size_t i = 0; how && i < G_N_ELEMENTS(members); i++) {
        if (vt_net_is_said(object, members[i])) {
            return vt_error_set(error, "%s: it does not go with %s", members[i], how);
        }
    }
    return true;
}

static bool
validate(VtObject *object, GError **error)
{
    const VtNetdevTap *config = vt_object_config(object);

    if (vt_net_is_said(object, "vhost") && !config->vhost && (config->vhostfd || config->vhostfds)) {
        return vt_error_set(error, "%s: it does not go with vhost=off", config->vhostfd ? "vhostfd" : "vhostfds");
    }
    return check_name(config->ifname, error) && check_fds(config->fd, "fd", error) &&
           check_fds(config->fds, "fds", error) && check_open_already(object, config, error);
}

/* ---- scripts ------------------------------------------------------------------------------------------- */

static bool
run_script(const char *script, const char *member, const char *name, GError **error)
{
    char *argv[] = {(char *)script, (char *)name, NULL};
    g_autoptr(GError) failure = NULL;
    int status;

    if (!script || !*script || strcmp(script, "no") == 0) {
        return true;
    }
    if (!g_spawn_sync(NULL, argv, NULL, G_SPAWN_STDOUT_TO_DEV_NULL, NULL, NULL, NULL, NULL, &status, &failure) ||
        !g_spawn_check_wait_status(status, &failure)) {
        return vt_error_set(error, "%s: '%s': %s", member, script, failure->message);
    }
    return true;
}

/* ---- the object ---------------------------------------------------------------------------------------- */

static void
unrealize(VtObject *object)
{
    const VtNetdevTap *config = vt_object_config(object);
    State *state = vt_object_state(object, &vt_ops_netdev_tap);

    vt_netdev_open(object, NULL, NULL);
    if (state->set_up) {
        run_script(config->downscript, "downscript", state->info.name, NULL);
    }
    g_clear_handle_id(&state->writer, g_source_remove);
    for (size_t i = 0; i < state->n_queues; i++) {
        g_clear_handle_id(&state->queues[i].reader, g_source_remove);
        close(state->queues[i].fd);
    }
    g_free(state->queues);
    g_free(state->data);
    *state = (State){NULL};
}

static void
add_queue(State *state, int fd)
{
    state->queues[state->n_queues++] = (Queue){state, fd, 0};
}

static bool
adopt_queues(State *state, const char *fds, const char *what, GError **error)
{
    g_auto(GStrv) parts = g_strsplit(fds, ":", -1);

    state->queues = g_new(Queue, g_strv_length(parts));
    for (size_t i = 0; parts[i]; i++) {
        VtTapInfo info;
        int fd = (int)g_ascii_strtoll(parts[i], NULL, 10);

        if (!vt_tap_adopt(fd, what, &info, error)) {
            return false;
        }
        add_queue(state, fd);
        if (i && (strcmp(info.name, state->info.name) || info.header_size != state->info.header_size)) {
            return vt_error_set(error, "%s: '%s' and '%s' are different interfaces, or are opened differently", what,
                                state->info.name, info.name);
        }
        state->info = info;
    }
    return true;
}

static bool
open_queues(VtObject *object, State *state, const VtNetdevTap *config, GError **error)
{
    VtTapHeader header = VT_TAP_HEADER_MAYBE;
    const char *name = config->ifname;

    if (vt_net_is_said(object, "vnet_hdr")) {
        header = config->vnet_hdr ? VT_TAP_HEADER_YES : VT_TAP_HEADER_NO;
    }
    state->queues = g_new(Queue, config->queues);
    while (state->n_queues < config->queues) {
        int fd = vt_tap_open(name, config->queues > 1, header, &state->info, error);

        if (fd < 0) {
            return false;
        }
        name = state->info.name;
        add_queue(state, fd);
    }
    state->set_up = run_script(config->script, "script", name, error);
    return state->set_up;
}

static bool
start(VtObject *object, State *state, GError **error)
{
    const VtNetdevTap *config = vt_object_config(object);

    if (config->vhost || config->vhostfd || config->vhostfds || config->vhostforce) {
        return vt_error_set(error, "vhost: no card here hands its queues to the kernel; leave it off");
    }
    if (config->helper) {
        return vt_error_set(error, "helper: '%s' is not run here; open the interface first and say its fd",
                            config->helper);
    }
    if (config->fd || config->fds
            ? !adopt_queues(state, config->fd ? config->fd : config->fds, config->fd ? "fd" : "fds", error)
            : !open_queues(object, state, config, error)) {
        return false;
    }
    if (state->info.header_size > HEADER_MAX) {
        return vt_error_set(error, "interface '%s' has headers of %u bytes; at most %d", state->info.name,
                            state->info.header_size, HEADER_MAX);
    }
    for (size_t i = 0; i < state->n_queues; i++) {
        if (!vt_tap_limit(state->queues[i].fd, config->sndbuf) && vt_net_is_said(object, "sndbuf")) {
            return vt_error_set(error, "sndbuf: %" G_GUINT64_FORMAT ": %s", config->sndbuf, g_strerror(errno));
        }
    }
    return true;
}

static bool
realize(VtObject *object, GError **error)
{
    State *state = vt_object_state(object, &vt_ops_netdev_tap);

    *state = (State){.end = vt_netdev_end(object)};
    if (!start(object, state, error)) {
        unrealize(object);
        return false;
    }
    state->data = g_malloc(HEADER_MAX + VT_NET_FRAME_MAX);
    vt_netdev_open(object, &ops, state);
    ready(state);
    return true;
}

const VtOps vt_ops_netdev_tap = {
    .state_size = sizeof(State),
    .validate = validate,
    .realize = realize,
    .unrealize = unrealize,
};
