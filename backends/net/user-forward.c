/* SPDX-License-Identifier: MIT */
#ifdef CONFIG_SLIRP

#include "user-forward.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "slirp-library.h"

#include "vt-runtime/socket.h"
#include "vt-runtime/error.h"

/* Limit of buffered bytes from the guest. */
#define WAITING_MAX (4 << 20)
#define CHUNK       (64 << 10)

struct VtUserForward {
    Slirp *slirp;
    VtUserPoll *poll;
    struct in_addr server;
    uint16_t port;
    GPollFD fd; /* -1: closed */
    GByteArray *waiting;
};

static void
hang_up(VtUserForward *forward)
{
    if (forward->fd.fd >= 0) {
        vt_user_poll_remove(forward->poll, &forward->fd);
        close(forward->fd.fd);
        forward->fd.fd = -1;
    }
    g_byte_array_set_size(forward->waiting, 0);
}

static void
flush(VtUserForward *forward)
{
    ssize_t put = send(forward->fd.fd, forward->waiting->data, forward->waiting->len, MSG_NOSIGNAL);

    if (put > 0) {
        g_byte_array_remove_range(forward->waiting, 0, (guint)put);
    } else if (put < 0 && errno != EAGAIN && errno != EINTR) {
        hang_up(forward);
    }
}

/* Receives data from the guest. */
static ssize_t
on_guest(const void *data, size_t size, void *opaque)
{
    VtUserForward *forward = opaque;

    if (forward->fd.fd < 0 || forward->waiting->len + size > WAITING_MAX) {
        errno = EPIPE;
        return -1;
    }
    g_byte_array_append(forward->waiting, data, (guint)size);
    return (ssize_t)size;
}

void
vt_user_forward_before(VtUserForward *forward)
{
    forward->fd.events = 0;
    if (forward->fd.fd >= 0) {
        forward->fd.events |= forward->waiting->len ? G_IO_OUT : 0;
        forward->fd.events |= vt_slirp.socket_can_recv(forward->slirp, forward->server, forward->port) ? G_IO_IN : 0;
    }
}

void
vt_user_forward_after(VtUserForward *forward)
{
    size_t room = vt_slirp.socket_can_recv(forward->slirp, forward->server, forward->port);
    char data[CHUNK];
    ssize_t got;

    if (forward->fd.fd >= 0 && forward->waiting->len) {
        flush(forward);
    }
    /* Stop polling a broken connection, which would be ready all the time. */
    if (forward->fd.fd >= 0 && !room && forward->fd.revents & (G_IO_ERR | G_IO_HUP)) {
        hang_up(forward);
    }
    if (forward->fd.fd < 0 || !room) {
        return;
    }
    got = recv(forward->fd.fd, data, MIN(room, sizeof data), 0);
    if (got > 0) {
        vt_slirp.socket_recv(forward->slirp, forward->server, forward->port, (const uint8_t *)data, (int)got);
    } else if (got == 0 || (errno != EAGAIN && errno != EINTR)) {
        hang_up(forward);
    }
}

/* ---- creation ------------------------------------------------------------------------------------------ */

static int
connect_to(const VtGuestForward *rule, GError **error)
{
    VtSocketAddress address = {.type = VT_SOCKET_ADDRESS_TYPE_INET};
    g_autoptr(GArray) addresses = NULL;
    int fd = -1;

    address.u.inet.host = rule->host;
    address.u.inet.port = rule->host_port;
    if (!vt_socket_check(&address, "guestfwd", error)) {
        return -1;
    }
    addresses = vt_socket_resolve(&address, SOCK_STREAM, false, "guestfwd", error);
    for (guint i = 0; addresses && fd < 0 && i < addresses->len; i++) {
        fd = vt_socket_connect(&g_array_index(addresses, VtSockaddr, i));
    }
    if (addresses && fd < 0) {
        vt_error_set(error, "guestfwd: '%s:%s': %s", rule->host, rule->host_port, g_strerror(errno));
    }
    return fd;
}

VtUserForward *
vt_user_forward_new(Slirp *slirp, VtUserPoll *poll, const VtGuestForward *rule, GError **error)
{
    int fd = connect_to(rule, error);
    VtUserForward *forward;

    if (fd < 0) {
        return NULL;
    }
    forward = g_new0(VtUserForward, 1);
    *forward = (VtUserForward){slirp, poll, {htonl(rule->server)}, rule->port, {fd, 0, 0}, g_byte_array_new()};
    vt_user_poll_add(poll, &forward->fd);
    if (vt_slirp.add_guestfwd(slirp, on_guest, forward, &forward->server, rule->port) < 0) {
        vt_error_set(error, "guestfwd: the address and port are in use");
        vt_user_forward_free(forward);
        return NULL;
    }
    return forward;
}

void
vt_user_forward_free(VtUserForward *forward)
{
    hang_up(forward);
    g_byte_array_unref(forward->waiting);
    g_free(forward);
}

#endif
