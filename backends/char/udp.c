/* SPDX-License-Identifier: MIT */
/*
 * udp: datagrams.  A front end may read each in several pieces.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "address.h"
#include "fd.h"
#include "vt-gen/backends.h"
#include "vt-runtime/error.h"
#include "vt-runtime/socket.h"

#define DATAGRAM_MAX 65507 /* maximum payload over IPv4 */

typedef struct State {
    uint8_t *data; /* the received datagram */
    size_t size, taken;
} State;

const VtOps vt_ops_chardev_udp;

/* ---- datagrams ------------------------------------------------------------------------------------------- */

static ssize_t
read_some(VtCharChannel *channel, void *data, size_t size)
{
    State *state = channel->io_data;

    if (state->taken == state->size) {
        ssize_t got = recv(channel->in, state->data, DATAGRAM_MAX, 0);

        state->size = (size_t)MAX(got, 0);
        state->taken = 0;
        if (got <= 0) {
            return got;
        }
    }
    size = MIN(size, state->size - state->taken);
    memcpy(data, state->data + state->taken, size);
    state->taken += size;
    return (ssize_t)size;
}

static size_t
pending(VtCharChannel *channel)
{
    const State *state = channel->io_data;

    return state->size - state->taken;
}

static ssize_t
write_some(VtCharChannel *channel, const void *data, size_t size)
{
    ssize_t put;

    size = MIN(size, DATAGRAM_MAX);
    put = send(channel->out, data, size, 0);
    /* The error belongs to an earlier datagram without a receiver, so send this one again. */
    return put < 0 && errno == ECONNREFUSED ? send(channel->out, data, size, 0) : put;
}

/* ---- the socket ------------------------------------------------------------------------------------------ */

static bool
check_address(const VtSocketAddressLegacy *legacy, const char *member, GError **error)
{
    VtSocketAddress address = vt_char_address(legacy);

    if (address.type != VT_SOCKET_ADDRESS_TYPE_INET) {
        return vt_error_set(error, "%s.type: expected inet", member);
    }
    return vt_socket_check(&address, member, error);
}

static bool
validate(VtObject *object, GError **error)
{
    const VtChardevUdp *config = vt_object_config(object);

    if (!check_address(&config->remote, "remote", error) ||
        (vt_object_has(object, "local") && !check_address(&config->local, "local", error))) {
        return false;
    }
    return strspn(config->remote.u.inet.data.port, "0") < strlen(config->remote.u.inet.data.port) ||
           vt_error_set(error, "remote.port: expected a port above 0, got '%s'", config->remote.u.inet.data.port);
}

/* Creates a socket that is connected to @to. */
static int
open_to(const VtSockaddr *to, const VtSocketAddress *local, GError **error)
{
    VtOwnPath *none; /* stays NULL: only a unix socket creates a path, and @to is not one */
    int fd = local ? vt_socket_bind_for(local, to, "local", &none, error)
                   : socket(to->u.any.sa_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    if (fd < 0 ? !local : connect(fd, &to->u.any, to->size) < 0) {
        vt_error_set(error, "remote: %s", g_strerror(errno));
        if (fd >= 0) {
            close(fd);
        }
        return -1;
    }
    return fd;
}

static int
open_socket(const VtSocketAddress *remote, const VtSocketAddress *local, GError **error)
{
    g_autoptr(GArray) addresses = vt_socket_resolve(remote, SOCK_DGRAM, false, "remote", error);
    int fd = -1;

    for (guint i = 0; addresses && i < addresses->len && fd < 0; i++) {
        g_clear_error(error);
        fd = open_to(&g_array_index(addresses, VtSockaddr, i), local, error);
    }
    return fd;
}

/* ---- the object ------------------------------------------------------------------------------------------ */

static bool
realize(VtObject *object, GError **error)
{
    static const VtChannelIo io = {.read = read_some, .write = write_some, .pending = pending};
    static const VtCharOps ops = {.write = vt_fd_write, .update = vt_fd_update};
    const VtChardevUdp *config = vt_object_config(object);
    VtSocketAddress remote = vt_char_address(&config->remote), local = vt_char_address(&config->local);
    State *state = vt_object_state(object, &vt_ops_chardev_udp);
    VtCharChannel *channel = vt_fd_channel(object);
    int fd = open_socket(&remote, vt_object_has(object, "local") ? &local : NULL, error);

    if (fd < 0) {
        return false;
    }
    *state = (State){.data = g_malloc(DATAGRAM_MAX)};
    channel->io = &io;
    channel->io_data = state;
    channel->endless = true;
    vt_fd_open(object, fd, fd, &ops);
    return true;
}

static void
unrealize(VtObject *object)
{
    State *state = vt_object_state(object, &vt_ops_chardev_udp);

    vt_channel_stop(vt_fd_channel(object));
    g_clear_pointer(&state->data, g_free);
}

const VtOps vt_ops_chardev_udp = {
    .state_size = sizeof(State),
    .validate = validate,
    .realize = realize,
    .unrealize = unrealize,
};
