/* SPDX-License-Identifier: MIT */
/*
 * Addresses of the user network.  Pure functions: no name lookup.
 */
#pragma once

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>

#include "vt-gen/backends.h"

/* In host byte order. */
typedef struct VtIpv4Net {
    uint32_t net, mask;
} VtIpv4Net;

typedef struct VtIpv6Net {
    struct in6_addr net;
    unsigned length;
} VtIpv6Net;

/* Without a prefix and a mask, the address determines the mask. */
VtIpv4Net vt_ipv4_net(const VtIpv4Network *network);
/* Whether no zero precedes a one. */
bool vt_ipv4_is_mask(uint32_t mask);

bool vt_ipv4_net_has(const VtIpv4Net *net, uint32_t address);
bool vt_ipv6_net_has(const VtIpv6Net *net, const struct in6_addr *address);
