/* SPDX-License-Identifier: MIT */
/*
 * socket: a server that accepts one connection at a time, or a client that may reconnect.
 */
#include <netdb.h>
#include <unistd.h>

#include <glib-unix.h>
#include <json-c/json.h>

#include "address.h"
#include "channel.h"
#include "telnet.h"
#include "tls.h"
#include "vt-gen/backends.h"
#include "vt-runtime/descriptors.h"
#include "vt-runtime/error.h"
#include "vt-runtime/peer.h"
#include "vt-runtime/vm.h"

#define HANDSHAKE_MS 10000

typedef struct State {
    VtObject *object;
    VtSocketAddress address; /* borrowed from the config */
    VtPeer *peer;
    VtCharChannel channel;
    VtTelnet telnet;
    VtTlsLine *tls;       /* NULL: no TLS, or no connection */
    guint watch, silence; /* during a handshake: input of the peer, and the timeout */
} State;

const VtOps vt_ops_chardev_socket;

static State *
state_of(VtObject *chardev)
{
    return vt_object_state(chardev, &vt_ops_chardev_socket);
}

static VtPeerSpec
peer_spec(const VtChardevSocket *config, const VtSocketAddress *address)
{
    return (VtPeerSpec){.address = address,
                        .member = "addr",
                        .server = config->server,
                        .nodelay = config->nodelay,
                        /* Without 'reconnect', realize waits until the connection is established. */
                        .waits = true,
                        .reconnect = config->reconnect,
                        .reconnect_ms = config->reconnect_ms};
}

/* ---- a connection ---------------------------------------------------------------------------------------- */

static void
stop(State *state)
{
    vt_channel_stop(&state->channel);
    g_clear_handle_id(&state->silence, g_source_remove);
    g_clear_handle_id(&state->watch, g_source_remove);
    g_clear_pointer(&state->tls, vt_tls_line_free);
}

static void
lose(State *state)
{
    stop(state);
    vt_peer_drop(state->peer);
    vt_chardev_event(state->object, VT_CHAR_CLOSED);
}

static void
on_ended(VtCharChannel *channel, int number)
{
    (void)number;
    lose(state_of(channel->chardev));
}

static ssize_t
receive(VtCharChannel *channel, void *data, size_t size)
{
    GArray *descriptors = vt_chardev_descriptors(channel->chardev);

    return descriptors ? vt_descriptors_receive(channel->in, data, size, 0, descriptors)
                       : read(channel->in, data, size);
}

static ssize_t
transmit(VtCharChannel *channel, const void *data, size_t size)
{
    return write(channel->out, data, size);
}

static const VtChannelIo plain_io = {.read = receive, .write = transmit};

/* Starts the transfer of data. */
static void
ready(State *state, const VtChannelIo *io, void *io_data)
{
    int fd = vt_peer_fd(state->peer);

    state->channel =
        (VtCharChannel){.chardev = state->object, .in = fd, .out = fd, .ended = on_ended, .io = io, .io_data = io_data};
    vt_vm_unhold(state->object);
    vt_chardev_event(state->object, VT_CHAR_OPENED);
    vt_channel_start(&state->channel);
}

static gboolean on_shaken(gint fd, GIOCondition condition, gpointer opaque);

static void
shake_hands(State *state)
{
    VtTlsState outcome = vt_tls_line_handshake(state->tls);

    if (outcome == VT_TLS_DONE) {
        g_clear_handle_id(&state->silence, g_source_remove);
        ready(state, &vt_tls_line_io, state->tls);
    } else if (outcome == VT_TLS_WANT_READ || outcome == VT_TLS_WANT_WRITE) {
        GIOCondition wanted = outcome == VT_TLS_WANT_READ ? G_IO_IN : G_IO_OUT;

        state->watch = g_unix_fd_add(vt_peer_fd(state->peer), wanted, on_shaken, state);
    } else {
        lose(state);
    }
}

static gboolean
on_shaken(gint fd, GIOCondition condition, gpointer opaque)
{
    State *state = opaque;

    (void)fd;
    (void)condition;
    state->watch = 0;
    shake_hands(state);
    return G_SOURCE_REMOVE;
}

/* A client that stays silent must not block others for ever. */
static gboolean
on_silence(gpointer opaque)
{
    State *state = opaque;

    state->silence = 0;
    lose(state);
    return G_SOURCE_REMOVE;
}

static void
on_opened(void *opaque, int fd)
{
    State *state = opaque;
    const VtChardevSocket *config = vt_object_config(state->object);

    if (config->tls_creds.target) {
        const char *host =
            config->server || state->address.type != VT_SOCKET_ADDRESS_TYPE_INET ? NULL : state->address.u.inet.host;

        state->tls = vt_tls_line_new(config->tls_creds.target, host, config->tls_authz.target, fd);
        if (state->tls) {
            state->silence = g_timeout_add(HANDSHAKE_MS, on_silence, state);
            shake_hands(state);
        } else {
            lose(state);
        }
    } else if (!config->telnet) {
        ready(state, &plain_io, NULL);
    } else if (vt_telnet_begin(&state->telnet, fd)) {
        ready(state, &vt_telnet_io, &state->telnet);
    } else {
        lose(state);
    }
}

/* A connection that was started at run time, so that no caller waits for it. */
static void
on_failed(void *opaque, int number)
{
    const State *state = opaque;
    json_object *data = json_object_new_object();

    json_object_object_add(data, "id", json_object_new_string(vt_object_id(state->object)));
    json_object_object_add(data, "reason", json_object_new_string(g_strerror(number)));
    vt_vm_event(vt_object_vm(state->object), "CHARDEV_CONNECT_ERROR", data);
}

static const VtPeerOps peer_ops = {.opened = on_opened, .failed = on_failed};

/* ---- callbacks of the character device ------------------------------------------------------------------- */

static size_t
write_bytes(VtObject *chardev, VtCharFront *front, const uint8_t *data, size_t size)
{
    (void)front;
    return vt_channel_write(&state_of(chardev)->channel, data, size);
}

static void
update(VtObject *chardev)
{
    vt_channel_update(&state_of(chardev)->channel);
}

static void
disconnect(VtObject *chardev)
{
    lose(state_of(chardev));
}

/* Returns "HOST:PORT" or "PATH". */
static char *
address_text(int fd, int (*get)(int, struct sockaddr *restrict, socklen_t *restrict))
{
    VtSockaddr address = {.size = sizeof address.u};
    char host[NI_MAXHOST] = "", port[NI_MAXSERV] = "";

    if (get(fd, &address.u.any, &address.size) < 0 || address.u.any.sa_family == AF_UNIX) {
        return g_strdup("");
    }
    getnameinfo(&address.u.any, address.size, host, sizeof host, port, sizeof port, NI_NUMERICHOST | NI_NUMERICSERV);
    return g_strdup_printf(address.u.any.sa_family == AF_INET6 ? "[%s]:%s" : "%s:%s", host, port);
}

static char *
filename(VtObject *chardev)
{
    State *state = state_of(chardev);
    const VtChardevSocket *config = vt_object_config(chardev);
    int fd = vt_peer_fd(state->peer), listener = vt_peer_listener(state->peer);
    bool connected = vt_chardev_is_open(chardev), inet = state->address.type == VT_SOCKET_ADDRESS_TYPE_INET;
    const char *before = connected ? "" : "disconnected:", *server = config->server ? ",server=on" : "";
    g_autofree char *local = NULL, *peer = NULL;

    if (state->address.type == VT_SOCKET_ADDRESS_TYPE_UNIX) {
        const VtUnixSocketAddress *address = &state->address.u.q_unix;

        return g_strdup_printf("%sunix:%s%s%s", before, address->path, address->abstract ? ",abstract=on" : "", server);
    }
    if (!inet) {
        return g_strdup_printf("%sfd:%s%s", before, state->address.u.fd.str, server);
    }
    if (listener >= 0 || connected) {
        /* The host may have chosen the port. */
        local = address_text(listener >= 0 ? listener : fd, getsockname);
    } else {
        local = g_strdup_printf("%s:%s", state->address.u.inet.host, state->address.u.inet.port);
    }
    if (!connected) {
        return g_strdup_printf("%s%s:%s%s", before, config->telnet ? "telnet" : "tcp", local, server);
    }
    peer = address_text(fd, getpeername);
    return g_strdup_printf("%s:%s%s <-> %s", config->telnet ? "telnet" : "tcp", local, server, peer);
}

static const VtCharOps ops = {.write = write_bytes, .update = update, .disconnect = disconnect, .filename = filename};

/* ---- the object ------------------------------------------------------------------------------------------ */

static bool
check_credentials(const VtChardevSocket *config, const VtSocketAddress *address, GError **error)
{
    const VtTlsCreds *creds = vt_object_config(config->tls_creds.target);
    bool for_server = creds->endpoint == VT_Q_CRYPTO_TLS_CREDS_ENDPOINT_SERVER;

    if (for_server != config->server) {
        return vt_error_set(error, "tls-creds: '%s' has endpoint=%s, but this socket is a %s",
                            vt_object_display(config->tls_creds.target), for_server ? "server" : "client",
                            config->server ? "server" : "client");
    }
    if (!config->server && creds->verify_peer && address->type != VT_SOCKET_ADDRESS_TYPE_INET &&
        vt_object_is_a(config->tls_creds.target, "tls-creds-x509")) {
        return vt_error_set(error, "tls-creds: a client that verifies a certificate requires an address of type inet");
    }
    return true;
}

static bool
validate(VtObject *object, GError **error)
{
    const VtChardevSocket *config = vt_object_config(object);
    VtSocketAddress address = vt_char_address(&config->addr);
    VtPeerSpec spec = peer_spec(config, &address);

    if (config->telnet && (!config->server || config->tls_creds.target)) {
        return vt_error_set(error, config->server ? "telnet: cannot be combined with tls-creds"
                                                  : "telnet: requires server=on");
    }
    if ((config->tn3270 || config->websocket) && !config->server) {
        return vt_error_set(error, "%s: requires server=on", config->tn3270 ? "tn3270" : "websocket");
    }
    if (config->tls_authz.target && !(config->tls_creds.target && config->server)) {
        return vt_error_set(error, "tls-authz: requires server=on and tls-creds");
    }
    if (config->tls_creds.target && !check_credentials(config, &address, error)) {
        return false;
    }
    return vt_peer_check(&spec, error);
}

static void
unrealize(VtObject *object)
{
    State *state = state_of(object);

    vt_vm_unhold(object);
    stop(state);
    g_clear_pointer(&state->peer, vt_peer_free);
}

static bool
await_first(VtObject *object, GError **error)
{
    g_autofree char *name = filename(object), *what = g_strdup_printf("a client on %s", name);

    if (!vt_vm_hold(object, what, error)) {
        g_prefix_error(error, "wait: ");
        return false;
    }
    return true;
}

static bool
realize(VtObject *object, GError **error)
{
    const VtChardevSocket *config = vt_object_config(object);
    State *state = state_of(object);
    VtPeerSpec spec = peer_spec(config, &state->address);

    *state = (State){.object = object, .address = vt_char_address(&config->addr), .channel = {.in = -1, .out = -1}};
    if (config->tn3270 || config->websocket) {
        return vt_error_set(error, "%s: not supported at startup", config->tn3270 ? "tn3270" : "websocket");
    }
    state->peer = vt_peer_new(&spec, &peer_ops, state);
    vt_chardev_open(object, &ops, false);
    if (!vt_peer_open(state->peer, error) || (config->server && config->wait && !await_first(object, error))) {
        unrealize(object);
        return false;
    }
    return true;
}

const VtOps vt_ops_chardev_socket = {
    .state_size = sizeof(State),
    .validate = validate,
    .realize = realize,
    .unrealize = unrealize,
};
