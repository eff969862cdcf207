/* SPDX-License-Identifier: MIT */
/*
 * Addresses of the user network.
 */
#include "user-address.h"

#include <arpa/inet.h>
#include <string.h>

#include "vt-runtime/codec.h"
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

/* ---- codec --------------------------------------------------------------------------------------------- */

static bool
parse_address(const char *text, int64_t *ret_value, GError **error)
{
    struct in_addr address;

    if (inet_pton(AF_INET, text, &address) != 1) {
        return vt_error_set(error, "expected an IPv4 address (such as 10.0.2.15), got '%.40s'", text);
    }
    *ret_value = ntohl(address.s_addr);
    return true;
}

static char *
format_address(int64_t value)
{
    struct in_addr address = {htonl((uint32_t)value)};
    char text[INET_ADDRSTRLEN];

    return g_strdup(inet_ntop(AF_INET, &address, text, sizeof(text)));
}

const VtCodec vt_codec_ipv4_address = {.parse = parse_address, .format = format_address};
