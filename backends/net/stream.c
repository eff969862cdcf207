/* SPDX-License-Identifier: MIT */
/*
 * stream: frames over a connection, each behind its length.
 *
 * At most one connection at a time.  A server that has one leaves others waiting.  While there is none, frames are
 * dropped, as on a cable that is not plugged in.
 */
#include <errno.h>
#include <unistd.h>

#include <glib-unix.h>
#include <json-c/json.h>

#include "vt-runtime/socket.h"
#include "stream-frames.h"
#include "vt-gen/backends.h"
#include "vt-runtime/error.h"
#include "vt-runtime/vm.h"

typedef struct State {
    VtObject *object;
    GArray *addresses; /* to connect to; NULL: none, or a server */
    guint next;        /* of the addresses, where the one that is tried fails */
    int listener, fd;  /* -1: none */
    guint watch;       /* of listener, or of a connection that is begun */
    guint timer;
    VtStreamFrames frames;
} State;

const VtOps vt_ops_netdev_stream;

static bool begin(State *state);
static bool try_next(State *state);
static void await_client(State *state);

static const VtNetdevStream *
config_of(const State *state)
{
    return vt_object_config(state->object);
}

static int64_t
reconnect_ms(const VtNetdevStream *config)
{
    return config->reconnect_ms ? config->reconnect_ms : config->reconnect * 1000;
}

static void
tell(State *state, const char *event, bool with_peer)
{
    json_object *data = json_object_new_object();

    json_object_object_add(data, "netdev-id", json_object_new_string(vt_object_id(state->object)));
    if (with_peer) {
        json_object_object_add(data, "addr", vt_socket_peer(state->fd));
    }
    vt_vm_event(vt_object_vm(state->object), event, data);
}

/* ---- the end of a connection --------------------------------------------------------------------------- */

static void
hang_up(State *state)
{
    vt_stream_frames_stop(&state->frames);
    g_clear_handle_id(&state->timer, g_source_remove);
    g_clear_handle_id(&state->watch, g_source_remove);
    if (state->fd >= 0) {
        close(state->fd);
        state->fd = -1;
    }
}

static gboolean
on_timer(gpointer opaque)
{
    State *state = opaque;

    state->timer = 0;
    begin(state);
    return G_SOURCE_REMOVE;
}

/* What comes after a connection, or after one that did not come about. */
static void
go_on(State *state)
{
    int64_t ms = reconnect_ms(config_of(state));

    if (state->listener >= 0) {
        await_client(state);
    } else if (ms && state->addresses) {
        state->timer = g_timeout_add((guint)ms, on_timer, state);
    }
}

/* Frames that wait here have lost their way. */
static void
lose(void *opaque)
{
    State *state = opaque;

    hang_up(state);
    tell(state, "NETDEV_STREAM_DISCONNECTED", false);
    go_on(state);
    vt_net_flush(state->frames.end);
}

/* ---- the beginning of a connection --------------------------------------------------------------------- */

/* state->fd is a connection. */
static void
take(State *state)
{
    vt_socket_tune(state->fd, &config_of(state)->addr, true);
    vt_stream_frames_start(&state->frames, state->fd);
    tell(state, "NETDEV_STREAM_CONNECTED", true);
}

static gboolean
on_client(gint listener, GIOCondition condition, gpointer opaque)
{
    State *state = opaque;

    (void)condition;
    state->fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (state->fd < 0) {
        return G_SOURCE_CONTINUE;
    }
    state->watch = 0;
    take(state);
    return G_SOURCE_REMOVE;
}

static void
await_client(State *state)
{
    state->watch = g_unix_fd_add(state->listener, G_IO_IN, on_client, state);
}

static gboolean
on_connected(gint fd, GIOCondition condition, gpointer opaque)
{
    State *state = opaque;

    (void)condition;
    state->watch = 0;
    if (vt_socket_outcome(fd) == 0) {
        take(state);
        return G_SOURCE_REMOVE;
    }
    hang_up(state);
    if (try_next(state)) {
        return G_SOURCE_REMOVE;
    }
    if (reconnect_ms(config_of(state))) {
        go_on(state);
    } else {
        lose(state);
    }
    return G_SOURCE_REMOVE;
}

static bool
try_next(State *state)
{
    while (state->fd < 0 && state->next < state->addresses->len) {
        state->fd = vt_socket_connect(&g_array_index(state->addresses, VtSockaddr, state->next++));
    }
    if (state->fd >= 0) {
        state->watch = g_unix_fd_add(state->fd, G_IO_OUT, on_connected, state);
    }
    return state->fd >= 0;
}

static bool
begin(State *state)
{
    state->next = 0;
    if (!try_next(state)) {
        int number = errno;

        go_on(state);
        errno = number;
        return false;
    }
    return true;
}

/* ---- the object ---------------------------------------------------------------------------------------- */

static bool
validate(VtObject *object, GError **error)
{
    const VtNetdevStream *config = vt_object_config(object);

    if (config->reconnect && config->reconnect_ms) {
        return vt_error_set(error, "reconnect and reconnect-ms say the same thing: one of them is enough");
    }
    if (reconnect_ms(config) && config->server) {
        return vt_error_set(error, "reconnect-ms: a server does not connect");
    }
    if (reconnect_ms(config) && config->addr.type == VT_SOCKET_ADDRESS_TYPE_FD) {
        return vt_error_set(error, "reconnect-ms: an open socket can't be connected again");
    }
    return vt_socket_check(&config->addr, "addr", error);
}

static void
unrealize(VtObject *object)
{
    State *state = vt_object_state(object, &vt_ops_netdev_stream);

    vt_netdev_open(object, NULL, NULL);
    hang_up(state);
    if (state->listener >= 0) {
        close(state->listener);
        vt_socket_unlink(&config_of(state)->addr);
    }
    g_clear_pointer(&state->addresses, g_array_unref);
    vt_stream_frames_clear(&state->frames);
}

static bool
open_listener(State *state, const VtNetdevStream *config, GError **error)
{
    g_autoptr(GArray) addresses = NULL;

    if (config->addr.type == VT_SOCKET_ADDRESS_TYPE_FD) {
        state->listener = vt_socket_fd(&config->addr, SOCK_STREAM, "addr", error);
    } else {
        addresses = vt_socket_resolve(&config->addr, SOCK_STREAM, true, "addr", error);
        state->listener = addresses ? vt_socket_bind(&config->addr, addresses, SOCK_STREAM, "addr", error) : -1;
    }
    if (state->listener < 0) {
        return false;
    }
    await_client(state);
    return true;
}

static bool
open_connection(State *state, const VtNetdevStream *config, GError **error)
{
    if (config->addr.type == VT_SOCKET_ADDRESS_TYPE_FD) {
        state->fd = vt_socket_fd(&config->addr, SOCK_STREAM, "addr", error);
        if (state->fd >= 0) {
            take(state);
        }
        return state->fd >= 0;
    }
    state->addresses = vt_socket_resolve(&config->addr, SOCK_STREAM, false, "addr", error);
    if (!state->addresses) {
        return false;
    }
    return begin(state) || reconnect_ms(config) || vt_error_set(error, "addr: %s", g_strerror(errno));
}

static bool
realize(VtObject *object, GError **error)
{
    const VtNetdevStream *config = vt_object_config(object);
    State *state = vt_object_state(object, &vt_ops_netdev_stream);

    *state = (State){.object = object, .listener = -1, .fd = -1};
    vt_stream_frames_init(&state->frames, vt_netdev_end(object), lose, state);
    vt_netdev_open(object, &vt_stream_ops, &state->frames);
    if (!(config->server ? open_listener : open_connection)(state, config, error)) {
        unrealize(object);
        return false;
    }
    return true;
}

const VtOps vt_ops_netdev_stream = {
    .state_size = sizeof(State),
    .validate = validate,
    .realize = realize,
    .unrealize = unrealize,
};
