/* SPDX-License-Identifier: MIT */
/*
 * Addresses and forwarding rules of the user network.
 */
#include "user-address.h"

#include <arpa/inet.h>
#include <string.h>

#include "vt-runtime/error.h"

bool
vt_ipv4_parse(const char *text, const char *what, uint32_t *ret_address, GError **error)
{
    struct in_addr address;

    if (inet_pton(AF_INET, text, &address) != 1) {
        return vt_error_set(error, "%s: '%s' is not an IPv4 address", what, text);
    }
    *ret_address = ntohl(address.s_addr);
    return true;
}

bool
vt_ipv6_parse(const char *text, const char *what, struct in6_addr *ret_address, GError **error)
{
    if (inet_pton(AF_INET6, text, ret_address) != 1) {
        return vt_error_set(error, "%s: '%s' is not an IPv6 address", what, text);
    }
    return true;
}

static uint32_t
mask_of_length(unsigned length)
{
    return length ? ~0u << (32 - length) : 0;
}

static bool
parse_mask(const char *text, uint32_t *ret_mask, GError **error)
{
    guint64 length;

    if (strchr(text, '.')) {
        if (!vt_ipv4_parse(text, "net", ret_mask, error)) {
            return false;
        }
        if (~*ret_mask & (~*ret_mask + 1)) {
            return vt_error_set(error, "net: '%s' is not a contiguous mask", text);
        }
        return true;
    }
    if (!g_ascii_string_to_unsigned(text, 10, 4, 32, &length, NULL)) {
        return vt_error_set(error, "net: the prefix length '%s' is not between 4 and 32", text);
    }
    *ret_mask = mask_of_length((unsigned)length);
    return true;
}

bool
vt_ipv4_net_parse(const char *text, VtIpv4Net *ret_net, GError **error)
{
    const char *slash = strchr(text, '/');
    g_autofree char *address = g_strndup(text, slash ? (size_t)(slash - text) : strlen(text));
    VtIpv4Net net;

    if (!vt_ipv4_parse(address, "net", &net.net, error)) {
        return false;
    }
    if (!slash) {
        net.mask = mask_of_length(!(net.net >> 31) ? 8 : net.net >> 30 == 2 ? 16 : 24);
    } else if (!parse_mask(slash + 1, &net.mask, error)) {
        return false;
    }
    net.net &= net.mask;
    *ret_net = net;
    return true;
}

bool
vt_ipv4_net_has(const VtIpv4Net *net, uint32_t address)
{
    return (address & net->mask) == net->net;
}

bool
vt_ipv6_net_has(const VtIpv6Net *net, const struct in6_addr *address)
{
    unsigned bytes = net->length / 8;
    unsigned bits = net->length % 8;

    if (memcmp(net->net.s6_addr, address->s6_addr, bytes) != 0) {
        return false;
    }
    return !bits || (net->net.s6_addr[bytes] ^ address->s6_addr[bytes]) >> (8 - bits) == 0;
}

/* Cuts the text before @separator off *@text and returns it; NULL if there is no separator. */
static char *
cut(const char **text, char separator)
{
    const char *end = strchr(*text, separator);
    char *part;

    if (!end) {
        return NULL;
    }
    part = g_strndup(*text, (size_t)(end - *text));
    *text = end + 1;
    return part;
}

static bool
bad_rule(GError **error, const char *option, const char *text, const char *why)
{
    return vt_error_set(error, "%s: invalid rule '%s': %s", option, text, why);
}

static bool
parse_port(const char *text, guint64 lowest, uint16_t *ret_port)
{
    guint64 port;

    if (!g_ascii_string_to_unsigned(text, 10, lowest, G_MAXUINT16, &port, NULL)) {
        return false;
    }
    *ret_port = (uint16_t)port;
    return true;
}

bool
vt_hostfwd_parse(const char *text, VtHostForward *ret_forward, GError **error)
{
    const char *rest = text;
    g_autofree char *protocol = cut(&rest, ':');
    g_autofree char *host = protocol ? cut(&rest, ':') : NULL;
    g_autofree char *host_port = host ? cut(&rest, '-') : NULL;
    g_autofree char *guest = host_port ? cut(&rest, ':') : NULL;
    VtHostForward forward = {false};

    if (!guest) {
        return bad_rule(error, "hostfwd", text, "expected [tcp|udp]:[hostaddr]:hostport-[guestaddr]:guestport");
    }
    if (*protocol && strcmp(protocol, "tcp") != 0 && strcmp(protocol, "udp") != 0) {
        return bad_rule(error, "hostfwd", text, "expected protocol tcp or udp");
    }
    if (*host && !vt_ipv4_parse(host, "hostfwd", &forward.host, NULL)) {
        return bad_rule(error, "hostfwd", text, "invalid host address");
    }
    if (!parse_port(host_port, 0, &forward.host_port)) {
        return bad_rule(error, "hostfwd", text, "invalid host port");
    }
    if (*guest && !vt_ipv4_parse(guest, "hostfwd", &forward.guest, NULL)) {
        return bad_rule(error, "hostfwd", text, "invalid guest address");
    }
    if (!parse_port(rest, 1, &forward.guest_port)) {
        return bad_rule(error, "hostfwd", text, "invalid guest port");
    }
    forward.udp = strcmp(protocol, "udp") == 0;
    *ret_forward = forward;
    return true;
}

static bool
is_target(const char *text)
{
    static const char *const kinds[] = {"cmd:", VT_GUESTFWD_CHARDEV, "tcp:", "unix:"};

    for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++) {
        if (g_str_has_prefix(text, kinds[i]) && text[strlen(kinds[i])]) {
            return true;
        }
    }
    return false;
}

bool
vt_guestfwd_parse(const char *text, VtGuestForward *ret_forward, GError **error)
{
    const char *rest = text;
    g_autofree char *protocol = cut(&rest, ':');
    g_autofree char *server = protocol ? cut(&rest, ':') : NULL;
    g_autofree char *port = server ? cut(&rest, '-') : NULL;
    VtGuestForward forward;

    if (!port || !*rest) {
        return bad_rule(error, "guestfwd", text, "expected [tcp]:server:port-target");
    }
    if (*protocol && strcmp(protocol, "tcp") != 0) {
        return bad_rule(error, "guestfwd", text, "expected protocol tcp");
    }
    if (!vt_ipv4_parse(server, "guestfwd", &forward.server, NULL)) {
        return bad_rule(error, "guestfwd", text, "invalid server address");
    }
    if (!parse_port(port, 1, &forward.port)) {
        return bad_rule(error, "guestfwd", text, "bad port");
    }
    if (!is_target(rest)) {
        return bad_rule(error, "guestfwd", text, "expected target cmd:COMMAND, chardev:ID, tcp:HOST:PORT or unix:PATH");
    }
    forward.target = rest;
    *ret_forward = forward;
    return true;
}
