/* SPDX-License-Identifier: MIT */
#include "vt-runtime/socket.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <json-c/json.h>

#include "vt-runtime/error.h"
#include "vt-runtime/json.h"
#include "vt-runtime/named-descriptors.h"
#include "vt-runtime/patience.h"

#define BACKLOG 64
/* interval between attempts to connect while the backlog of the server is full */
#define RETRY_US (10 * G_TIME_SPAN_MILLISECOND)

/* ---- opening ------------------------------------------------------------------------------------------- */

int
vt_socket_fd(const VtSocketAddress *address, int type, const char *what, GError **error)
{
    g_autofree char *member = g_strdup_printf("%s.str", what);
    bool is_named;
    int fd = vt_descriptor_take(address->u.fd.str, member, &is_named, error), found = 0;
    socklen_t size = sizeof found;

    if (fd < 0) {
        return -1;
    }
    if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &found, &size) < 0) {
        vt_error_set(error, "%s: file descriptor %s is not a socket", what, address->u.fd.str);
    } else if (found != type) {
        vt_error_set(error, "%s: file descriptor %s is a socket for %s", what, address->u.fd.str,
                     type == SOCK_STREAM ? "datagrams" : "connections");
    }
    if (found != type) {
        if (is_named) {
            close(fd);
        }
        return -1;
    }
    fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
    fcntl(fd, F_SETFD, FD_CLOEXEC);
    return fd;
}

static int
open_socket(const VtSockaddr *address, int type)
{
    return socket(address->u.any.sa_family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, address->protocol);
}

static void
set_port(VtSockaddr *address, uint16_t port)
{
    if (address->u.any.sa_family == AF_INET) {
        ((struct sockaddr_in *)&address->u.any)->sin_port = htons(port);
    } else {
        ((struct sockaddr_in6 *)&address->u.any)->sin6_port = htons(port);
    }
}

static int
fail_closed(int fd)
{
    int number = errno;

    close(fd);
    errno = number;
    return -1;
}

static int
try_bind(const VtSockaddr *address, int type)
{
    int fd = open_socket(address, type), on = 1;

    if (fd < 0) {
        return -1;
    }
    if (address->u.any.sa_family == AF_INET6) {
        setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
    }
    if (type == SOCK_STREAM) {
        setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    }
    if (bind(fd, &address->u.any, address->size) == 0 && (type != SOCK_STREAM || listen(fd, BACKLOG) == 0)) {
        return fd;
    }
    return fail_closed(fd);
}

/*
 * Binds to a path in the file system.
 *
 * bind(2) creates the file with the permissions of the socket, less the umask. No process without access by @mode can
 * therefore connect before chmod. chmod then restores the bits that the umask removed, before listen(2).
 */
static int
bind_path(const VtUnixSocketAddress *address, const VtSockaddr *at, int type, VtOwnPath **ret_own)
{
    g_autoptr(VtOwnPath) own = NULL;
    int fd;

    if (!vt_path_remove_stale_socket(address->path)) {
        return -1;
    }
    fd = open_socket(at, type);
    if (fd < 0) {
        return -1;
    }
    if (fchmod(fd, address->mode) < 0 || bind(fd, &at->u.any, at->size) < 0) {
        return fail_closed(fd);
    }
    own = vt_own_path_new(address->path, -1);
    if (!own || !vt_own_path_chmod(own, address->mode) || (type == SOCK_STREAM && listen(fd, BACKLOG) < 0)) {
        return fail_closed(fd);
    }
    *ret_own = g_steal_pointer(&own);
    return fd;
}

static int
bind_inet(const VtInetSocketAddress *inet, const GArray *addresses, int type)
{
    unsigned first = (unsigned)strtoul(inet->port, NULL, 10), last = inet->to ? inet->to : first;

    for (unsigned port = first; port <= last; port++) {
        for (guint i = 0; i < addresses->len; i++) {
            VtSockaddr one = g_array_index(addresses, VtSockaddr, i);
            int fd;

            if (port != first) {
                set_port(&one, (uint16_t)port);
            }
            fd = try_bind(&one, type);
            if (fd >= 0) {
                return fd;
            }
        }
    }
    return -1;
}

int
vt_socket_bind(const VtSocketAddress *address, const GArray *addresses, int type, const char *what, VtOwnPath **ret_own,
               GError **error)
{
    const VtUnixSocketAddress *local = &address->u.q_unix;
    int fd;

    *ret_own = NULL;
    if (address->type == VT_SOCKET_ADDRESS_TYPE_INET) {
        fd = bind_inet(&address->u.inet, addresses, type);
        if (fd < 0) {
            vt_error_set(error, "%s: '%s', port %s: %s", what, address->u.inet.host, address->u.inet.port,
                         g_strerror(errno));
        }
        return fd;
    }
    fd = local->abstract ? try_bind(&g_array_index(addresses, VtSockaddr, 0), type)
                         : bind_path(local, &g_array_index(addresses, VtSockaddr, 0), type, ret_own);
    if (fd < 0) {
        vt_error_set(error, "%s: '%s': %s", what, local->path, g_strerror(errno));
    }
    return fd;
}

int
vt_socket_bind_for(const VtSocketAddress *address, const VtSockaddr *to, const char *what, VtOwnPath **ret_own,
                   GError **error)
{
    g_autoptr(GArray) all = vt_socket_resolve(address, SOCK_DGRAM, true, what, error);

    *ret_own = NULL;
    if (!all) {
        return -1;
    }
    for (guint i = all->len; i-- > 0;) {
        if (g_array_index(all, VtSockaddr, i).u.any.sa_family != to->u.any.sa_family) {
            g_array_remove_index(all, i);
        }
    }
    if (!all->len) {
        vt_error_set(error, "local and remote have no address family in common");
        return -1;
    }
    return vt_socket_bind(address, all, SOCK_DGRAM, what, ret_own, error);
}

int
vt_socket_connect(const VtSockaddr *to)
{
    int fd = open_socket(to, SOCK_STREAM), number;

    if (fd < 0 || connect(fd, &to->u.any, to->size) == 0 || errno == EINPROGRESS) {
        return fd;
    }
    number = errno;
    close(fd);
    errno = number;
    return -1;
}

/* Connects; retries until @deadline while the backlog of the server is full. */
static int
connect_by(const VtSockaddr *to, gint64 deadline)
{
    int fd;

    while ((fd = vt_socket_connect(to)) < 0 && errno == EAGAIN) {
        gint64 again = g_get_monotonic_time() + RETRY_US;

        if (again > deadline || vt_patience_poll(-1, 0, again) || errno != ETIMEDOUT) {
            errno = errno == EINTR ? EINTR : EAGAIN;
            return -1;
        }
    }
    return fd;
}

int
vt_socket_connect_now(const GArray *addresses, const char *what, GError **error)
{
    gint64 deadline = vt_patience_deadline();
    int number = 0;

    for (guint i = 0; i < addresses->len && number != EINTR; i++) {
        int fd = connect_by(&g_array_index(addresses, VtSockaddr, i), deadline);

        if (fd < 0) {
            number = errno;
            continue;
        }
        number = vt_patience_poll(fd, POLLOUT, deadline) ? vt_socket_outcome(fd) : errno;
        if (!number) {
            return fd;
        }
        close(fd);
    }
    vt_error_set(error, "%s: %s", what, g_strerror(number));
    return -1;
}

int
vt_socket_outcome(int fd)
{
    int number = 0;
    socklen_t size = sizeof number;

    return getsockopt(fd, SOL_SOCKET, SO_ERROR, &number, &size) < 0 ? errno : number;
}

void
vt_socket_nodelay(int fd)
{
    int on = 1;

    /* Ignore the error on a unix socket, which has no TCP_NODELAY. */
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

void
vt_socket_tune(int fd, const VtSocketAddress *address, bool nodelay)
{
    const VtInetSocketAddress *inet = &address->u.inet;
    const struct {
        int option;
        uint32_t value;
    } times[] = {{TCP_KEEPCNT, inet->keep_alive_count},
                 {TCP_KEEPIDLE, inet->keep_alive_idle},
                 {TCP_KEEPINTVL, inet->keep_alive_interval}};
    int on = 1;

    if (address->type != VT_SOCKET_ADDRESS_TYPE_INET) {
        return;
    }
    if (nodelay) {
        vt_socket_nodelay(fd);
    }
    if (!inet->keep_alive) {
        return;
    }
    setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
    for (size_t i = 0; i < G_N_ELEMENTS(times); i++) {
        if (times[i].value) {
            setsockopt(fd, IPPROTO_TCP, times[i].option, &times[i].value, sizeof times[i].value);
        }
    }
}

/* ---- peer addresses --------------------------------------------------------------------------------- */

json_object *
vt_socket_peer(int fd)
{
    VtSockaddr peer = {.size = sizeof peer.u};
    json_object *result = json_object_new_object();
    char host[NI_MAXHOST] = "", port[NI_MAXSERV] = "";

    if (getpeername(fd, &peer.u.any, &peer.size) < 0) {
        peer.u.any.sa_family = AF_UNIX;
        peer.size = 0;
    }
    if (peer.u.any.sa_family == AF_UNIX) {
        const struct sockaddr_un *local = &peer.u.local;
        size_t before = offsetof(struct sockaddr_un, sun_path), length = peer.size > before ? peer.size - before : 0;
        bool abstract = length && !local->sun_path[0];
        g_autofree char *path = g_strndup(local->sun_path + abstract, length - abstract);

        vt_json_add_text(result, "path", path);
        if (abstract) {
            json_object_object_add(result, "abstract", json_object_new_boolean(true));
        }
        vt_json_add_text(result, "type", "unix");
        return result;
    }
    getnameinfo(&peer.u.any, peer.size, host, sizeof host, port, sizeof port, NI_NUMERICHOST | NI_NUMERICSERV);
    vt_json_add_text(result, "host", host);
    vt_json_add_text(result, "port", port);
    json_object_object_add(result, peer.u.any.sa_family == AF_INET ? "ipv4" : "ipv6", json_object_new_boolean(true));
    vt_json_add_text(result, "type", "inet");
    return result;
}
