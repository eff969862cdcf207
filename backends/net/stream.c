/* SPDX-License-Identifier: MIT */
/*
 * stream: frames on a stream connection.
 *
 * A server accepts one connection at a time; other clients wait.  Without a connection, frames are dropped, as on an
 * unplugged link.
 */
#include <json-c/json.h>

#include "stream-frames.h"
#include "vt-gen/backends.h"
#include "vt-runtime/peer.h"
#include "vt-runtime/vm.h"

typedef struct State {
    VtObject *object;
    VtPeer *peer;
    VtStreamFrames frames;
} State;

const VtOps vt_ops_netdev_stream;

static VtPeerSpec
peer_spec(const VtNetdevStream *config)
{
    return (VtPeerSpec){.address = &config->addr,
                        .member = "addr",
                        .server = config->server,
                        .nodelay = true,
                        .reconnect = config->reconnect,
                        .reconnect_ms = config->reconnect_ms};
}

/* ---- a connection -------------------------------------------------------------------------------------- */

static void
on_opened(void *opaque, int fd)
{
    State *state = opaque;
    json_object *data = json_object_new_object();

    vt_stream_frames_start(&state->frames, fd);
    json_object_object_add(data, "netdev-id", json_object_new_string(vt_object_id(state->object)));
    json_object_object_add(data, "addr", vt_socket_peer(fd));
    vt_vm_event(vt_object_vm(state->object), "NETDEV_STREAM_CONNECTED", data);
}

/* Reports that there is no connection, because it has ended or failed. */
static void
disconnected(State *state)
{
    json_object *data = json_object_new_object();

    json_object_object_add(data, "netdev-id", json_object_new_string(vt_object_id(state->object)));
    vt_vm_event(vt_object_vm(state->object), "NETDEV_STREAM_DISCONNECTED", data);
    /* Drops the frames that wait here. */
    vt_net_flush(state->frames.end);
}

static void
on_failed(void *opaque, int number)
{
    (void)number;
    disconnected(opaque);
}

static void
on_lost(void *opaque)
{
    State *state = opaque;

    vt_stream_frames_stop(&state->frames);
    vt_peer_drop(state->peer);
    disconnected(state);
}

static const VtPeerOps peer_ops = {.opened = on_opened, .failed = on_failed};

/* ---- the object ---------------------------------------------------------------------------------------- */

static bool
validate(VtObject *object, GError **error)
{
    VtPeerSpec spec = peer_spec(vt_object_config(object));

    return vt_peer_check(&spec, error);
}

static void
unrealize(VtObject *object)
{
    State *state = vt_object_state(object, &vt_ops_netdev_stream);

    vt_netdev_open(object, NULL, NULL);
    vt_stream_frames_clear(&state->frames);
    g_clear_pointer(&state->peer, vt_peer_free);
}

static bool
realize(VtObject *object, GError **error)
{
    VtPeerSpec spec = peer_spec(vt_object_config(object));
    State *state = vt_object_state(object, &vt_ops_netdev_stream);

    *state = (State){.object = object, .peer = vt_peer_new(&spec, &peer_ops, state)};
    vt_stream_frames_init(&state->frames, vt_netdev_end(object), on_lost, state);
    vt_netdev_open(object, &vt_stream_ops, &state->frames);
    if (!vt_peer_open(state->peer, error)) {
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
