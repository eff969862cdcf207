/* SPDX-License-Identifier: MIT */
/*
 * dgram: each frame is a datagram, to another process or to a group of them.
 */
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <unistd.h>

#include <glib-unix.h>

#include "cable.h"
#include "vt-runtime/socket.h"
#include "vt-gen/backends.h"
#include "vt-runtime/error.h"

/* So many datagrams are taken before others have their turn. */
#define BURST 64

typedef struct State {
    VtNetEnd *end;
    int fd; /* -1: not realized */
    guint reader, writer;
    VtSockaddr to; /* size 0: where the socket is connected to */
    bool bound;    /* to a path of its own */
    uint8_t *data; /* VT_NET_FRAME_MAX bytes */
} State;

const VtOps vt_ops_netdev_dgram;

/* ---- frames -------------------------------------------------------------------------------------------- */

static gboolean
on_readable(gint fd, GIOCondition condition, gpointer opaque)
{
    State *state = opaque;

    (void)condition;
    for (int i = 0; i < BURST; i++) {
        ssize_t got = recv(fd, state->data, VT_NET_FRAME_MAX, 0);
        struct iovec iov = {state->data, (size_t)MAX(got, 0)};

        /* A peer that was not there (ECONNREFUSED) may come. */
        if (got < 0) {
            return G_SOURCE_CONTINUE;
        }
        if (got > 0 && !vt_net_send(state->end, &iov, 1)) {
            state->reader = 0;
            return G_SOURCE_REMOVE;
        }
    }
    return G_SOURCE_CONTINUE;
}

static void
ready(void *opaque)
{
    State *state = opaque;

    if (!state->reader) {
        state->reader = g_unix_fd_add(state->fd, G_IO_IN, on_readable, state);
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
    State *state = opaque;
    struct msghdr message = {.msg_iov = (struct iovec *)iov, .msg_iovlen = n};

    if (state->to.size) {
        message.msg_name = &state->to.u;
        message.msg_namelen = state->to.size;
    }
    if (sendmsg(state->fd, &message, MSG_NOSIGNAL) < 0 && errno == EAGAIN) {
        state->writer = g_unix_fd_add(state->fd, G_IO_OUT, on_writable, state);
        return false;
    }
    /* A datagram that can't go is lost, like any. */
    return true;
}

static const VtNetOps ops = {.deliver = deliver, .can_receive = can_receive, .ready = ready};

/* ---- addresses ----------------------------------------------------------------------------------------- */

static bool
validate(VtObject *object, GError **error)
{
    const VtNetdevDgram *config = vt_object_config(object);
    bool local = vt_net_is_said(object, "local"), remote = vt_net_is_said(object, "remote");

    if ((local && !vt_socket_check(&config->local, "local", error)) ||
        (remote && !vt_socket_check(&config->remote, "remote", error))) {
        return false;
    }
    if (remote && config->remote.type == VT_SOCKET_ADDRESS_TYPE_FD) {
        return vt_error_set(error, "remote.type: it is inet or unix; an open socket is local");
    }
    if (!remote) {
        return (local && config->local.type == VT_SOCKET_ADDRESS_TYPE_FD) ||
               vt_error_set(error, "remote is missing: only an open socket (local.type=fd) goes without");
    }
    if (!local) {
        return config->remote.type == VT_SOCKET_ADDRESS_TYPE_INET ||
               vt_error_set(error, "local is missing: only a multicast group goes without");
    }
    return config->local.type == config->remote.type || config->local.type == VT_SOCKET_ADDRESS_TYPE_FD ||
           vt_error_set(error, "local and remote are of different types");
}

static bool
is_group(const VtSockaddr *address)
{
    return address->u.any.sa_family == AF_INET &&
           IN_MULTICAST(ntohl(((const struct sockaddr_in *)&address->u.any)->sin_addr.s_addr));
}

/* A socket that hears the group state->to at the interface with the address @interface. */
static int
join(const VtSockaddr *group, const VtSockaddr *interface, GError **error)
{
    const struct sockaddr_in *to = (const struct sockaddr_in *)&group->u.any;
    const struct sockaddr_in *at = interface ? (const struct sockaddr_in *)&interface->u.any : NULL;
    struct ip_mreqn request = {.imr_multiaddr = to->sin_addr};
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), on = 1;

    request.imr_address.s_addr = at ? at->sin_addr.s_addr : htonl(INADDR_ANY);
    /* All members on one host listen at the same port. */
    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) < 0 ||
        bind(fd, &group->u.any, group->size) < 0 ||
        setsockopt(fd, IPPROTO_IP, IP_ADD_MEMBERSHIP, &request, sizeof request) < 0 ||
        setsockopt(fd, IPPROTO_IP, IP_MULTICAST_LOOP, &on, sizeof on) < 0 ||
        (at && setsockopt(fd, IPPROTO_IP, IP_MULTICAST_IF, &request, sizeof request) < 0)) {
        vt_error_set(error, "remote: can't join the group: %s", g_strerror(errno));
        if (fd >= 0) {
            close(fd);
        }
        return -1;
    }
    return fd;
}

static int
open_group(const VtNetdevDgram *config, bool has_local, const VtSockaddr *group, GError **error)
{
    g_autoptr(GArray) local = NULL;
    const VtSockaddr *interface = NULL;

    if (has_local) {
        local = vt_socket_resolve(&config->local, SOCK_DGRAM, true, "local", error);
        if (!local) {
            return -1;
        }
        interface = &g_array_index(local, VtSockaddr, 0);
        if (interface->u.any.sa_family != AF_INET) {
            vt_error_set(error, "local: '%s' is no IPv4 address, as the group is", config->local.u.inet.host);
            return -1;
        }
    }
    return join(group, interface, error);
}

static int
open_pair(State *state, const VtNetdevDgram *config, GError **error)
{
    g_autoptr(GArray) all = vt_socket_resolve(&config->local, SOCK_DGRAM, true, "local", error);
    g_autoptr(GArray) same = g_array_new(FALSE, FALSE, sizeof(VtSockaddr));
    int fd;

    for (guint i = 0; all && i < all->len; i++) {
        VtSockaddr one = g_array_index(all, VtSockaddr, i);

        if (one.u.any.sa_family == state->to.u.any.sa_family) {
            g_array_append_val(same, one);
        }
    }
    if (!all || !same->len) {
        if (all) {
            vt_error_set(error, "local and remote have no kind of address in common");
        }
        return -1;
    }
    fd = vt_socket_bind(&config->local, same, SOCK_DGRAM, "local", error);
    state->bound = fd >= 0;
    return fd;
}

static bool
open_socket(VtObject *object, State *state, GError **error)
{
    const VtNetdevDgram *config = vt_object_config(object);
    bool has_local = vt_net_is_said(object, "local");
    g_autoptr(GArray) remote = NULL;

    if (vt_net_is_said(object, "remote")) {
        remote = vt_socket_resolve(&config->remote, SOCK_DGRAM, false, "remote", error);
        if (!remote) {
            return false;
        }
        state->to = g_array_index(remote, VtSockaddr, 0);
    }
    if (has_local && config->local.type == VT_SOCKET_ADDRESS_TYPE_FD) {
        state->fd = vt_socket_fd(&config->local, SOCK_DGRAM, "local", error);
    } else if (is_group(&state->to)) {
        state->fd = open_group(config, has_local, &state->to, error);
    } else if (!has_local) {
        return vt_error_set(error, "local is missing: '%s' is no multicast group", config->remote.u.inet.host);
    } else {
        state->fd = open_pair(state, config, error);
    }
    return state->fd >= 0;
}

/* ---- the object ---------------------------------------------------------------------------------------- */

static bool
realize(VtObject *object, GError **error)
{
    State *state = vt_object_state(object, &vt_ops_netdev_dgram);

    *state = (State){.end = vt_netdev_end(object), .fd = -1};
    if (!open_socket(object, state, error)) {
        return false;
    }
    state->data = g_malloc(VT_NET_FRAME_MAX);
    vt_netdev_open(object, &ops, state);
    ready(state);
    return true;
}

static void
unrealize(VtObject *object)
{
    const VtNetdevDgram *config = vt_object_config(object);
    State *state = vt_object_state(object, &vt_ops_netdev_dgram);

    vt_netdev_open(object, NULL, NULL);
    g_clear_handle_id(&state->reader, g_source_remove);
    g_clear_handle_id(&state->writer, g_source_remove);
    close(state->fd);
    g_free(state->data);
    if (state->bound) {
        vt_socket_unlink(&config->local);
    }
    *state = (State){.fd = -1};
}

const VtOps vt_ops_netdev_dgram = {
    .state_size = sizeof(State),
    .validate = validate,
    .realize = realize,
    .unrealize = unrealize,
};
