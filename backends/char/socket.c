/* SPDX-License-Identifier: MIT */
/*
 * socket: a connection at a time, as a server or as a client that connects again.
 */
#include "vt-runtime/socket.h"

#include <errno.h>
#include <netdb.h>
#include <string.h>
#include <unistd.h>

#include <glib-unix.h>

#include "channel.h"
#include "telnet.h"
#include "tls.h"
#include "vt-gen/backends.h"
#include "vt-runtime/error.h"
#include "vt-runtime/vm.h"

#define HANDSHAKE_MS 10000

typedef struct State {
    VtObject *object;
    VtSocketAddress address; /* borrowed from the config */
    GArray *addresses;       /* to connect to; NULL: none, or a server */
    guint next;              /* of the addresses, where the one that is tried fails */
    int listener, fd;        /* -1: none */
    guint watch;             /* of listener, or of a connection that is begun */
    guint timer;
    VtCharChannel channel;
    VtTelnet telnet;
    VtTlsLine *tls; /* NULL: it is not encrypted, or there is no connection */
} State;

const VtOps vt_ops_chardev_socket;

static bool begin(State *state);
static bool try_next(State *state);
static void await_client(State *state);

static State *
state_of(VtObject *chardev)
{
    return vt_object_state(chardev, &vt_ops_chardev_socket);
}

static const VtChardevSocket *
config_of(const State *state)
{
    return vt_object_config(state->object);
}

/* The same address without the level that only the wire has.  Borrowed. */
static VtSocketAddress
address_of(const VtChardevSocket *config)
{
    VtSocketAddress address = {.type = config->addr.type};

    switch (config->addr.type) {
    case VT_SOCKET_ADDRESS_TYPE_INET:
        address.u.inet = config->addr.u.inet.data;
        break;
    case VT_SOCKET_ADDRESS_TYPE_UNIX:
        address.u.q_unix = config->addr.u.q_unix.data;
        break;
    case VT_SOCKET_ADDRESS_TYPE_VSOCK:
        address.u.vsock = config->addr.u.vsock.data;
        break;
    default:
        address.u.fd = config->addr.u.fd.data;
    }
    return address;
}

static int64_t
reconnect_ms(const VtChardevSocket *config)
{
    return config->reconnect_ms ? config->reconnect_ms : config->reconnect * 1000;
}

/* ---- the end of a connection ----------------------------------------------------------------------------- */

static void
hang_up(State *state)
{
    vt_channel_stop(&state->channel);
    g_clear_handle_id(&state->timer, g_source_remove);
    g_clear_handle_id(&state->watch, g_source_remove);
    g_clear_pointer(&state->tls, vt_tls_line_free);
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

static void
lose(State *state)
{
    hang_up(state);
    go_on(state);
    vt_chardev_event(state->object, VT_CHAR_CLOSED);
}

static void
on_ended(VtCharChannel *channel, int number)
{
    (void)number;
    lose(state_of(channel->chardev));
}

/* ---- the beginning of a connection ----------------------------------------------------------------------- */

/* Bytes may pass. */
static void
ready(State *state, const VtChannelIo *io, void *io_data)
{
    state->channel = (VtCharChannel){
        .chardev = state->object, .in = state->fd, .out = state->fd, .ended = on_ended, .io = io, .io_data = io_data};
    vt_vm_unhold(state->object);
    vt_chardev_event(state->object, VT_CHAR_OPENED);
    vt_channel_start(&state->channel);
}

static void shake_hands(State *state);

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

static void
shake_hands(State *state)
{
    switch (vt_tls_line_handshake(state->tls)) {
    case VT_TLS_DONE:
        g_clear_handle_id(&state->timer, g_source_remove);
        ready(state, &vt_tls_line_io, state->tls);
        break;
    case VT_TLS_WANT_READ:
        state->watch = g_unix_fd_add(state->fd, G_IO_IN, on_shaken, state);
        break;
    case VT_TLS_WANT_WRITE:
        state->watch = g_unix_fd_add(state->fd, G_IO_OUT, on_shaken, state);
        break;
    default:
        lose(state);
    }
}

/* Who comes and says nothing must not keep others out for good. */
static gboolean
on_silence(gpointer opaque)
{
    State *state = opaque;

    state->timer = 0;
    lose(state);
    return G_SOURCE_REMOVE;
}

/* state->fd is a connection. */
static void
take(State *state)
{
    const VtChardevSocket *config = config_of(state);

    vt_socket_tune(state->fd, &state->address, config->nodelay);
    if (config->tls_creds.target) {
        const char *host =
            config->server || state->address.type != VT_SOCKET_ADDRESS_TYPE_INET ? NULL : state->address.u.inet.host;

        state->tls = vt_tls_line_new(config->tls_creds.target, host, config->tls_authz.target, state->fd);
        if (state->tls) {
            state->timer = g_timeout_add(HANDSHAKE_MS, on_silence, state);
            shake_hands(state);
        } else {
            lose(state);
        }
    } else if (!config->telnet) {
        ready(state, NULL, NULL);
    } else if (vt_telnet_begin(&state->telnet, state->fd)) {
        ready(state, &vt_telnet_io, &state->telnet);
    } else {
        lose(state);
    }
}

static gboolean
on_client(gint listener, GIOCondition condition, gpointer opaque)
{
    State *state = opaque;

    (void)condition;
    state->fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (state->fd < 0) {
        if (errno == EMFILE || errno == ENFILE) {
            g_usleep(1000);
        }
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
    if (!try_next(state)) {
        go_on(state);
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
        go_on(state);
        return false;
    }
    return true;
}

/* ---- for the line ---------------------------------------------------------------------------------------- */

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

/* "HOST:PORT", "PATH" */
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
    if (state->listener >= 0 || connected) {
        /* The port may have been left to the host. */
        local = address_text(state->listener >= 0 ? state->listener : state->fd, getsockname);
    } else {
        local = g_strdup_printf("%s:%s", state->address.u.inet.host, state->address.u.inet.port);
    }
    if (!connected) {
        return g_strdup_printf("%s%s:%s%s", before, config->telnet ? "telnet" : "tcp", local, server);
    }
    peer = address_text(state->fd, getpeername);
    return g_strdup_printf("%s:%s%s <-> %s", config->telnet ? "telnet" : "tcp", local, server, peer);
}

static const VtCharOps ops = {.write = write_bytes, .update = update, .filename = filename};

/* ---- the object ------------------------------------------------------------------------------------------ */

static bool
check_credentials(const VtChardevSocket *config, const VtSocketAddress *address, GError **error)
{
    const VtTlsCreds *creds = vt_object_config(config->tls_creds.target);
    bool for_server = creds->endpoint == VT_Q_CRYPTO_TLS_CREDS_ENDPOINT_SERVER;

    if (for_server != config->server) {
        return vt_error_set(error, "tls-creds: '%s' is for a %s (endpoint), and this is a %s",
                            vt_object_display(config->tls_creds.target), for_server ? "server" : "client",
                            config->server ? "server" : "client");
    }
    if (!config->server && creds->verify_peer && address->type != VT_SOCKET_ADDRESS_TYPE_INET &&
        vt_object_is_a(config->tls_creds.target, "tls-creds-x509")) {
        return vt_error_set(error, "tls-creds: a certificate is a host's, and only an address of type inet has one");
    }
    return true;
}

static bool
validate(VtObject *object, GError **error)
{
    const VtChardevSocket *config = vt_object_config(object);
    VtSocketAddress address = address_of(config);

    if (config->reconnect && config->reconnect_ms) {
        return vt_error_set(error, "reconnect and reconnect-ms say the same thing: one of them is enough");
    }
    if (reconnect_ms(config) && config->server) {
        return vt_error_set(error, "reconnect-ms: a server does not connect");
    }
    if (reconnect_ms(config) && address.type == VT_SOCKET_ADDRESS_TYPE_FD) {
        return vt_error_set(error, "reconnect-ms: an open socket can't be connected again");
    }
    if (config->telnet && (!config->server || config->tls_creds.target)) {
        return vt_error_set(error, config->server ? "telnet: not on a connection that tls-creds encrypts"
                                                  : "telnet: only a server speaks it");
    }
    if (config->tls_authz.target && !(config->tls_creds.target && config->server)) {
        return vt_error_set(error, "tls-authz: only a server with tls-creds asks who comes");
    }
    if (config->tls_creds.target && !check_credentials(config, &address, error)) {
        return false;
    }
    return vt_socket_check(&address, "addr", error);
}

static void
unrealize(VtObject *object)
{
    State *state = state_of(object);

    vt_vm_unhold(object);
    hang_up(state);
    if (state->listener >= 0) {
        close(state->listener);
        vt_socket_unlink(&state->address);
    }
    g_clear_pointer(&state->addresses, g_array_unref);
}

static bool
open_listener(State *state, const VtChardevSocket *config, GError **error)
{
    g_autoptr(GArray) addresses = NULL;
    g_autofree char *what = NULL, *name = NULL;

    if (state->address.type == VT_SOCKET_ADDRESS_TYPE_FD) {
        state->listener = vt_socket_fd(&state->address, SOCK_STREAM, "addr", error);
    } else {
        addresses = vt_socket_resolve(&state->address, SOCK_STREAM, true, "addr", error);
        state->listener = addresses ? vt_socket_bind(&state->address, addresses, SOCK_STREAM, "addr", error) : -1;
    }
    if (state->listener < 0) {
        return false;
    }
    vt_chardev_open(state->object, &ops, false);
    name = filename(state->object);
    what = g_strdup_printf("a client on %s", name);
    if (config->wait && !vt_vm_hold(state->object, what, error)) {
        g_prefix_error(error, "wait: ");
        return false;
    }
    await_client(state);
    return true;
}

static bool
open_connection(State *state, const VtChardevSocket *config, GError **error)
{
    vt_chardev_open(state->object, &ops, false);
    if (state->address.type == VT_SOCKET_ADDRESS_TYPE_FD) {
        state->fd = vt_socket_fd(&state->address, SOCK_STREAM, "addr", error);
    } else {
        state->addresses = vt_socket_resolve(&state->address, SOCK_STREAM, false, "addr", error);
        if (!state->addresses) {
            return false;
        }
        if (reconnect_ms(config)) {
            begin(state);
            return true;
        }
        /* Without another try later, the connection is there before we go on, as whoever asks for it expects. */
        state->fd = vt_socket_connect_now(state->addresses, "addr", error);
    }
    if (state->fd < 0) {
        return false;
    }
    take(state);
    return true;
}

static bool
realize(VtObject *object, GError **error)
{
    const VtChardevSocket *config = vt_object_config(object);
    State *state = state_of(object);

    *state = (State){.object = object, .address = address_of(config), .listener = -1, .fd = -1};
    state->channel = (VtCharChannel){.in = -1, .out = -1};
    if (!(config->server ? open_listener : open_connection)(state, config, error)) {
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
