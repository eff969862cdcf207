/* SPDX-License-Identifier: MIT */
/*
 * Addresses of the user network.
 */
#include "user-address.h"

#include <arpa/inet.h>
#include <string.h>

#include "vt-runtime/codec.h"
#include "vt-runtime/error.h"

/* Networks whose mask follows from an address in them; the last one has all addresses. */
static const struct {
    uint32_t net, mask, mask_of_network;
} networks[] = {
    {0x00000000, 0x80000000, 0xff000000}, /* 0.0.0.0 to 127.255.255.255 */
    {0xac100000, 0xfff00000, 0xfff00000}, /* 172.16.0.0/12 */
    {0x80000000, 0xc0000000, 0xffff0000}, /* 128.0.0.0 to 191.255.255.255 */
    {0xc0a80000, 0xffff0000, 0xffff0000}, /* 192.168.0.0/16 */
    {0xc6120000, 0xffff0000, 0xfffe0000}, /* 198.18.0.0/15 */
    {0xe0000000, 0xe0000000, 0xffffff00}, /* 224.0.0.0 to 255.255.255.255 */
    {0x00000000, 0x00000000, 0xfffffff0},
};

VtIpv4Net
vt_ipv4_net(const VtIpv4Network *network)
{
    VtIpv4Net net = {.mask = network->mask};

    if (network->prefix) {
        net.mask = ~0u << (32 - network->prefix);
    }
    for (size_t i = 0; !net.mask; i++) {
        net.mask = (network->address & networks[i].mask) == networks[i].net ? networks[i].mask_of_network : 0;
    }
    net.net = network->address & net.mask;
    return net;
}

bool
vt_ipv4_is_mask(uint32_t mask)
{
    return !(~mask & (~mask + 1));
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

/* ---- codecs -------------------------------------------------------------------------------------------- */

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

static char *
normalise_ipv6_address(const char *text, GError **error)
{
    struct in6_addr address;

    if (inet_pton(AF_INET6, text, &address) != 1) {
        vt_error_set(error, "expected an IPv6 address (such as fec0::2), got '%.60s'", text);
        return NULL;
    }
    return g_strdup(text);
}

const VtCodec vt_codec_ipv6_address = {.normalise = normalise_ipv6_address};
