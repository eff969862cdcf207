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

#define BACKLOG    64
#define CONNECT_MS 10000 /* of a connection that is waited for */

/* ---- what the address says ----------------------------------------------------------------------------- */

/* A switch of InetSocketAddress that has no default: whether somebody said it. */
enum { BIT_IPV4 = 4, BIT_IPV6 = 5 };

static bool
is_said(const VtInetSocketAddress *inet, unsigned bit)
{
    return inet->vt_given[0] >> bit & 1;
}

static bool
takes(const VtInetSocketAddress *inet, bool ipv6)
{
    bool said = is_said(inet, ipv6 ? BIT_IPV6 : BIT_IPV4), other_said = is_said(inet, ipv6 ? BIT_IPV4 : BIT_IPV6);
    bool value = ipv6 ? inet->ipv6 : inet->ipv4, other = ipv6 ? inet->ipv4 : inet->ipv6;

    /* Asking for one of the two only is declining the other. */
    return said ? value : !(other_said && other);
}

static bool
check_unix(const VtUnixSocketAddress *address, const char *what, GError **error)
{
    size_t length = strlen(address->path), room = sizeof(((struct sockaddr_un *)NULL)->sun_path);

    if (!length && !address->abstract) {
        return vt_error_set(error, "%s.path: it is empty", what);
    }
    return length < room || vt_error_set(error, "%s.path: it has %zu bytes; at most %zu", what, length, room - 1);
}

static bool
check_inet(const VtInetSocketAddress *inet, const char *what, GError **error)
{
    guint64 port;
    bool is_number = g_ascii_string_to_unsigned(inet->port, 10, 0, G_MAXUINT16, &port, NULL);

    if (!takes(inet, false) && !takes(inet, true)) {
        return vt_error_set(error, "%s: ipv4 and ipv6 are both off", what);
    }
    if (!is_number && (inet->numeric || inet->to || !*inet->port || g_ascii_isdigit(*inet->port))) {
        return vt_error_set(error, "%s.port: '%s' is no port", what, inet->port);
    }
    if (inet->to && inet->to < port) {
        return vt_error_set(error, "%s.to: %u is less than the port", what, inet->to);
    }
    return true;
}

bool
vt_socket_check(const VtSocketAddress *address, const char *what, GError **error)
{
    guint64 fd;

    switch (address->type) {
    case VT_SOCKET_ADDRESS_TYPE_INET:
        return check_inet(&address->u.inet, what, error);
    case VT_SOCKET_ADDRESS_TYPE_UNIX:
        return check_unix(&address->u.q_unix, what, error);
    case VT_SOCKET_ADDRESS_TYPE_FD:
        return g_ascii_string_to_unsigned(address->u.fd.str, 10, 0, G_MAXINT, &fd, NULL) ||
               vt_error_set(error, "%s.str: '%s' is not the number of a file descriptor", what, address->u.fd.str);
    default:
        return vt_error_set(error, "%s.type: it is inet, unix or fd", what);
    }
}

/* ---- looking up ---------------------------------------------------------------------------------------- */

static VtSockaddr
unix_address(const VtUnixSocketAddress *address)
{
    VtSockaddr result = {.u.local.sun_family = AF_UNIX};
    char *path = result.u.local.sun_path;
    size_t length = strlen(address->path), before = offsetof(struct sockaddr_un, sun_path);

    memcpy(path + address->abstract, address->path, MIN(length, sizeof result.u.local.sun_path - 1));
    result.size = address->abstract && address->tight ? (socklen_t)(before + 1 + length) : sizeof result.u.local;
    return result;
}

static bool
look_up(const VtInetSocketAddress *inet, int type, bool passive, GArray *addresses, const char *what, GError **error)
{
    struct addrinfo hints = {.ai_socktype = type}, *found = NULL;
    bool ipv4 = takes(inet, false), ipv6 = takes(inet, true);
    int failure;

    hints.ai_family = ipv4 && ipv6 ? AF_UNSPEC : ipv4 ? AF_INET : AF_INET6;
    hints.ai_flags = (passive ? AI_PASSIVE : 0) | (inet->numeric ? AI_NUMERICHOST | AI_NUMERICSERV : 0);
    failure = getaddrinfo(*inet->host ? inet->host : NULL, inet->port, &hints, &found);
    if (failure) {
        return vt_error_set(error, "%s: no address of '%s', port '%s': %s", what, inet->host, inet->port,
                            gai_strerror(failure));
    }
    for (const struct addrinfo *info = found; info; info = info->ai_next) {
        VtSockaddr address = {.size = info->ai_addrlen};

#ifdef IPPROTO_MPTCP
        address.protocol = inet->mptcp && type == SOCK_STREAM ? IPPROTO_MPTCP : 0;
#endif
        memcpy(&address.u, info->ai_addr, info->ai_addrlen);
        g_array_append_val(addresses, address);
    }
    freeaddrinfo(found);
    return true;
}

GArray *
vt_socket_resolve(const VtSocketAddress *address, int type, bool passive, const char *what, GError **error)
{
    g_autoptr(GArray) addresses = g_array_new(FALSE, FALSE, sizeof(VtSockaddr));

    if (address->type == VT_SOCKET_ADDRESS_TYPE_UNIX) {
        VtSockaddr local = unix_address(&address->u.q_unix);

        g_array_append_val(addresses, local);
    } else if (!look_up(&address->u.inet, type, passive, addresses, what, error)) {
        return NULL;
    }
    return g_steal_pointer(&addresses);
}

/* ---- opening ------------------------------------------------------------------------------------------- */

int
vt_socket_fd(const VtSocketAddress *address, int type, const char *what, GError **error)
{
    int fd = (int)g_ascii_strtoll(address->u.fd.str, NULL, 10), found = 0;
    socklen_t size = sizeof found;

    /* The first three have their use. */
    if (fd <= STDERR_FILENO || getsockopt(fd, SOL_SOCKET, SO_TYPE, &found, &size) < 0) {
        vt_error_set(error, "%s: file descriptor %d is no socket", what, fd);
        return -1;
    }
    if (found != type) {
        vt_error_set(error, "%s: file descriptor %d is a socket for %s", what, fd,
                     type == SOCK_STREAM ? "datagrams" : "connections");
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
try_bind(const VtSockaddr *address, int type)
{
    int fd = open_socket(address, type), on = 1, number;

    if (fd < 0) {
        return -1;
    }
    if (address->u.any.sa_family == AF_INET6) {
        setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
    }
    if (address->u.any.sa_family != AF_UNIX && type == SOCK_STREAM) {
        setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    }
    if (bind(fd, &address->u.any, address->size) == 0 && (type != SOCK_STREAM || listen(fd, BACKLOG) == 0)) {
        return fd;
    }
    number = errno;
    close(fd);
    errno = number;
    return -1;
}

int
vt_socket_bind(const VtSocketAddress *address, const GArray *addresses, int type, const char *what, GError **error)
{
    bool inet = address->type == VT_SOCKET_ADDRESS_TYPE_INET;
    unsigned first = inet ? (unsigned)strtoul(address->u.inet.port, NULL, 10) : 0;
    unsigned last = inet && address->u.inet.to ? address->u.inet.to : first;

    vt_socket_unlink(address);
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
    if (inet) {
        vt_error_set(error, "%s: '%s', port %s: %s", what, address->u.inet.host, address->u.inet.port,
                     g_strerror(errno));
    } else {
        vt_error_set(error, "%s: '%s': %s", what, address->u.q_unix.path, g_strerror(errno));
    }
    return -1;
}

int
vt_socket_bind_for(const VtSocketAddress *address, const VtSockaddr *to, const char *what, GError **error)
{
    g_autoptr(GArray) all = vt_socket_resolve(address, SOCK_DGRAM, true, what, error);

    if (!all) {
        return -1;
    }
    for (guint i = all->len; i-- > 0;) {
        if (g_array_index(all, VtSockaddr, i).u.any.sa_family != to->u.any.sa_family) {
            g_array_remove_index(all, i);
        }
    }
    if (!all->len) {
        vt_error_set(error, "local and remote have no kind of address in common");
        return -1;
    }
    return vt_socket_bind(address, all, SOCK_DGRAM, what, error);
}

void
vt_socket_unlink(const VtSocketAddress *address)
{
    struct stat st;

    if (address->type == VT_SOCKET_ADDRESS_TYPE_UNIX && !address->u.q_unix.abstract &&
        lstat(address->u.q_unix.path, &st) == 0 && S_ISSOCK(st.st_mode)) {
        unlink(address->u.q_unix.path);
    }
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

int
vt_socket_connect_now(const GArray *addresses, const char *what, GError **error)
{
    struct pollfd ready = {.events = POLLOUT};
    int number = 0;

    for (guint i = 0; i < addresses->len; i++) {
        ready.fd = vt_socket_connect(&g_array_index(addresses, VtSockaddr, i));
        if (ready.fd < 0) {
            number = errno;
            continue;
        }
        number = poll(&ready, 1, CONNECT_MS) == 1 ? vt_socket_outcome(ready.fd) : ETIMEDOUT;
        if (!number) {
            return ready.fd;
        }
        close(ready.fd);
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

    /* Fails on a unix socket, which needs none of it. */
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

/* ---- telling ------------------------------------------------------------------------------------------- */

static void
add_text(json_object *object, const char *key, const char *text)
{
    json_object_object_add(object, key, json_object_new_string(text));
}

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

        add_text(result, "path", path);
        if (abstract) {
            json_object_object_add(result, "abstract", json_object_new_boolean(true));
        }
        add_text(result, "type", "unix");
        return result;
    }
    getnameinfo(&peer.u.any, peer.size, host, sizeof host, port, sizeof port, NI_NUMERICHOST | NI_NUMERICSERV);
    add_text(result, "host", host);
    add_text(result, "port", port);
    json_object_object_add(result, peer.u.any.sa_family == AF_INET ? "ipv4" : "ipv6", json_object_new_boolean(true));
    add_text(result, "type", "inet");
    return result;
}
