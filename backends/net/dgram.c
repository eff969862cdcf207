/* SPDX-License-Identifier: MIT */
/*
 * dgram: each frame is a datagram, to another process or a multicast group.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <unistd.h>

#include "cable.h"
#include "packets.h"
#include "vt-gen/backends.h"
#include "vt-runtime/error.h"

typedef struct State {
    VtPackets packets;
    VtOwnPath *own; /* the path that the socket is bound to; NULL: none */
} State;

const VtOps vt_ops_netdev_dgram;

/* ---- addresses ----------------------------------------------------------------------------------------- */

/* Whether the text is an IPv4 address, and of no multicast group.  A name is resolved at startup. */
static bool
is_host(const char *text)
{
    struct in_addr address;

    return inet_pton(AF_INET, text, &address) == 1 && !IN_MULTICAST(ntohl(address.s_addr));
}

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
        return vt_error_set(error, "remote.type: expected inet or unix");
    }
    if (!remote) {
        return (local && config->local.type == VT_SOCKET_ADDRESS_TYPE_FD) ||
               vt_error_set(error, "remote: required unless local.type is fd");
    }
    if (!local) {
        return (config->remote.type == VT_SOCKET_ADDRESS_TYPE_INET && !is_host(config->remote.u.inet.host)) ||
               vt_error_set(error, "local: required unless remote is a multicast group");
    }
    if (config->local.type == VT_SOCKET_ADDRESS_TYPE_FD &&
        (config->remote.type != VT_SOCKET_ADDRESS_TYPE_INET || is_host(config->remote.u.inet.host))) {
        return vt_error_set(error, "remote: with local.type=fd, expected a multicast group");
    }
    return config->local.type == config->remote.type || config->local.type == VT_SOCKET_ADDRESS_TYPE_FD ||
           vt_error_set(error, "local and remote have different types");
}

static bool
is_group(const VtSockaddr *address)
{
    return address->u.any.sa_family == AF_INET &&
           IN_MULTICAST(ntohl(((const struct sockaddr_in *)&address->u.any)->sin_addr.s_addr));
}

/* Creates a socket that joins @group on the interface with the address @interface. */
static int
join(const VtSockaddr *group, const VtSockaddr *interface, GError **error)
{
    const struct sockaddr_in *to = (const struct sockaddr_in *)&group->u.any;
    const struct sockaddr_in *at = interface ? (const struct sockaddr_in *)&interface->u.any : NULL;
    struct ip_mreqn request = {.imr_multiaddr = to->sin_addr};
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), on = 1;

    request.imr_address.s_addr = at ? at->sin_addr.s_addr : htonl(INADDR_ANY);
    /* All members on a host bind to the same port. */
    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) < 0 ||
        bind(fd, &group->u.any, group->size) < 0 ||
        setsockopt(fd, IPPROTO_IP, IP_ADD_MEMBERSHIP, &request, sizeof request) < 0 ||
        setsockopt(fd, IPPROTO_IP, IP_MULTICAST_LOOP, &on, sizeof on) < 0 ||
        (at && setsockopt(fd, IPPROTO_IP, IP_MULTICAST_IF, &request, sizeof request) < 0)) {
        vt_error_set(error, "remote: the multicast group cannot be joined: %s", g_strerror(errno));
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
            vt_error_set(error, "local: '%s' is not an IPv4 address, which the multicast group requires",
                         config->local.u.inet.host);
            return -1;
        }
    }
    return join(group, interface, error);
}

/* Returns -1 and @error on failure.  Sets the destination in the state if the socket is not connected. */
static int
open_socket(VtObject *object, State *state, GError **error)
{
    const VtNetdevDgram *config = vt_object_config(object);
    VtSockaddr *to = &state->packets.to;
    bool has_local = vt_net_is_said(object, "local");
    g_autoptr(GArray) remote = NULL;

    if (vt_net_is_said(object, "remote")) {
        remote = vt_socket_resolve(&config->remote, SOCK_DGRAM, false, "remote", error);
        if (!remote) {
            return -1;
        }
        *to = g_array_index(remote, VtSockaddr, 0);
    }
    if (has_local && config->local.type == VT_SOCKET_ADDRESS_TYPE_FD) {
        return vt_socket_fd(&config->local, SOCK_DGRAM, "local", error);
    }
    if (is_group(to)) {
        return open_group(config, has_local, to, error);
    }
    if (!has_local) {
        vt_error_set(error, "local: required, because '%s' is not a multicast group", config->remote.u.inet.host);
        return -1;
    }
    return vt_socket_bind_for(&config->local, to, "local", &state->own, error);
}

/* ---- the object ---------------------------------------------------------------------------------------- */

static bool
realize(VtObject *object, GError **error)
{
    State *state = vt_object_state(object, &vt_ops_netdev_dgram);
    int fd;

    /* A peer that does not exist yet (ECONNREFUSED) may start later. */
    *state = (State){.packets = {.end = vt_netdev_end(object), .passes = true}};
    fd = open_socket(object, state, error);
    if (fd < 0) {
        return false;
    }
    vt_packets_add(&state->packets, fd);
    vt_packets_start(&state->packets);
    return true;
}

static void
unrealize(VtObject *object)
{
    State *state = vt_object_state(object, &vt_ops_netdev_dgram);

    vt_own_path_remove(state->own);
    vt_packets_clear(&state->packets);
}

const VtOps vt_ops_netdev_dgram = {
    .state_size = sizeof(State),
    .validate = validate,
    .realize = realize,
    .unrealize = unrealize,
};
