/* SPDX-License-Identifier: MIT */
/*
 * Addresses of the user network.  Pure functions: no name lookup.
 */
#pragma once

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>

#include <glib.h>

/* In host byte order. */
typedef struct VtIpv4Net {
    uint32_t net, mask;
} VtIpv4Net;

typedef struct VtIpv6Net {
    struct in6_addr net;
    unsigned length;
} VtIpv6Net;

/* @what: member name, for errors. */
bool vt_ipv4_parse(const char *text, const char *what, uint32_t *ret_address, GError **error);
bool vt_ipv6_parse(const char *text, const char *what, struct in6_addr *ret_address, GError **error);
/* ADDR, ADDR/LENGTH or ADDR/MASK.  Without a mask, the address class determines it. */
bool vt_ipv4_net_parse(const char *text, VtIpv4Net *ret_net, GError **error);

bool vt_ipv4_net_has(const VtIpv4Net *net, uint32_t address);
bool vt_ipv6_net_has(const VtIpv6Net *net, const struct in6_addr *address);
