/* SPDX-License-Identifier: MIT */
/*
 * Socket addresses: checks without access to the host, and resolution.
 */
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stddef.h>
#include <string.h>

#include "lookup.h"
#include "vt-runtime/await.h"
#include "vt-runtime/error.h"
#include "vt-runtime/named-descriptors.h"
#include "vt-runtime/patience.h"
#include "vt-runtime/socket.h"

/* ---- checks -------------------------------------------------------------------------------------------- */

/* Bits of InetSocketAddress members without a default, in vt_given. */
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

    /* 'on' for one of the two alone means 'off' for the other. */
    return said ? value : !(other_said && other);
}

static bool
check_unix(const VtUnixSocketAddress *address, const char *what, GError **error)
{
    size_t length = strlen(address->path), room = sizeof(((struct sockaddr_un *)NULL)->sun_path);

    if (!length && !address->abstract) {
        return vt_error_set(error, "%s.path: expected a path, got ''", what);
    }
    return length < room || vt_error_set(error, "%s.path: has %zu bytes; expected at most %zu", what, length, room - 1);
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
        return vt_error_set(error, "%s.port: expected a port number, got '%s'", what, inet->port);
    }
    if (inet->to && inet->to < port) {
        return vt_error_set(error, "%s.to: %u is below the port", what, inet->to);
    }
    return true;
}

bool
vt_socket_check(const VtSocketAddress *address, const char *what, GError **error)
{
    g_autofree char *member = g_strdup_printf("%s.str", what);

    switch (address->type) {
    case VT_SOCKET_ADDRESS_TYPE_INET:
        return check_inet(&address->u.inet, what, error);
    case VT_SOCKET_ADDRESS_TYPE_UNIX:
        return check_unix(&address->u.q_unix, what, error);
    case VT_SOCKET_ADDRESS_TYPE_FD:
        return vt_descriptor_check(address->u.fd.str, member, error);
    default:
        return vt_error_set(error, "%s.type: expected inet, unix or fd", what);
    }
}

/* ---- resolution ---------------------------------------------------------------------------------------- */

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

static struct addrinfo
hints_of(const VtInetSocketAddress *inet, int type, bool passive)
{
    bool ipv4 = takes(inet, false), ipv6 = takes(inet, true);

    return (struct addrinfo){
        .ai_socktype = type,
        .ai_family = ipv4 && ipv6 ? AF_UNSPEC
                     : ipv4       ? AF_INET
                                  : AF_INET6,
        .ai_flags = (passive ? AI_PASSIVE : 0) | (inet->numeric ? AI_NUMERICHOST | AI_NUMERICSERV : 0),
    };
}

static bool
lookup_failed(const VtInetSocketAddress *inet, const char *why, const char *what, GError **error)
{
    return vt_error_set(error, "%s: host '%s', port '%s' cannot be resolved: %s", what, inet->host, inet->port, why);
}

static GArray *
take_found(const VtInetSocketAddress *inet, int type, const struct addrinfo *found)
{
    GArray *addresses = g_array_new(FALSE, FALSE, sizeof(VtSockaddr));

    for (const struct addrinfo *info = found; info; info = info->ai_next) {
        VtSockaddr address = {.size = info->ai_addrlen};

#ifdef IPPROTO_MPTCP
        address.protocol = inet->mptcp && type == SOCK_STREAM ? IPPROTO_MPTCP : 0;
#endif
        memcpy(&address.u, info->ai_addr, info->ai_addrlen);
        g_array_append_val(addresses, address);
    }
    return addresses;
}

/* Converts a numeric address, which needs no resolver. Returns NULL without @error if it is a name. */
static GArray *
read_numbers(const VtInetSocketAddress *inet, int type, bool passive, const char *what, GError **error)
{
    struct addrinfo hints = hints_of(inet, type, passive), *found = NULL;
    GArray *addresses = NULL;
    int failure;

    hints.ai_flags |= AI_NUMERICHOST | AI_NUMERICSERV;
    failure = getaddrinfo(*inet->host ? inet->host : NULL, inet->port, &hints, &found);
    if (!failure) {
        addresses = take_found(inet, type, found);
        freeaddrinfo(found);
    } else if (inet->numeric) {
        lookup_failed(inet, gai_strerror(failure), what, error);
    }
    return addresses;
}

GArray *
vt_socket_resolve_begin(const VtSocketAddress *address, int type, bool passive, const char *what, VtLookup **ret_lookup,
                        GError **error)
{
    const VtInetSocketAddress *inet = &address->u.inet;
    g_autoptr(GError) failure = NULL;
    struct addrinfo hints;
    GArray *addresses;

    *ret_lookup = NULL;
    if (address->type == VT_SOCKET_ADDRESS_TYPE_UNIX) {
        VtSockaddr local = unix_address(&address->u.q_unix);

        addresses = g_array_new(FALSE, FALSE, sizeof(VtSockaddr));
        return g_array_append_val(addresses, local);
    }
    addresses = read_numbers(inet, type, passive, what, &failure);
    if (failure) {
        g_propagate_error(error, g_steal_pointer(&failure));
        return NULL;
    }
    if (addresses) {
        return addresses;
    }
    hints = hints_of(inet, type, passive);
    *ret_lookup = vt_lookup_new(*inet->host ? inet->host : NULL, inet->port, &hints);
    if (!*ret_lookup) {
        lookup_failed(inet, g_strerror(EAGAIN), what, error);
    }
    return NULL;
}

GArray *
vt_socket_resolve_end(const VtSocketAddress *address, int type, VtLookup *lookup, const char *what, GError **error)
{
    const struct addrinfo *found;
    int failure = vt_lookup_result(lookup, &found);

    if (failure) {
        lookup_failed(&address->u.inet, gai_strerror(failure), what, error);
        return NULL;
    }
    return take_found(&address->u.inet, type, found);
}

/* Resolves the name while the program serves other requests. */
static GArray *
await_found(const VtInetSocketAddress *inet, int type, bool passive, const char *what, GError **error)
{
    struct addrinfo hints = hints_of(inet, type, passive);
    const struct addrinfo *found;
    int failure;

    if (!vt_lookup_await(*inet->host ? inet->host : NULL, inet->port, &hints, &found, &failure, error)) {
        return NULL;
    }
    if (failure) {
        lookup_failed(inet, gai_strerror(failure), what, error);
        return NULL;
    }
    return take_found(inet, type, found);
}

GArray *
vt_socket_resolve(const VtSocketAddress *address, int type, bool passive, const char *what, GError **error)
{
    const VtInetSocketAddress *inet = &address->u.inet;
    g_autoptr(GError) failure = NULL;
    VtLookup *lookup;
    GArray *addresses;

    if (vt_await_is_possible() && address->type == VT_SOCKET_ADDRESS_TYPE_INET) {
        addresses = read_numbers(inet, type, passive, what, &failure);
        if (failure) {
            g_propagate_error(error, g_steal_pointer(&failure));
            return NULL;
        }
        return addresses ? addresses : await_found(inet, type, passive, what, error);
    }
    addresses = vt_socket_resolve_begin(address, type, passive, what, &lookup, error);
    if (!lookup) {
        return addresses;
    }
    if (vt_patience_poll(vt_lookup_fd(lookup), POLLIN, vt_patience_deadline())) {
        addresses = vt_socket_resolve_end(address, type, lookup, what, error);
    } else {
        lookup_failed(&address->u.inet, g_strerror(errno), what, error);
    }
    vt_lookup_free(lookup);
    return addresses;
}
