/* SPDX-License-Identifier: MIT */
/*
 * Addresses of the user network, and the syntax of forwarding rules.  Pure functions: no name lookup.
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

/* Addresses in host byte order; 0: not set. */
typedef struct VtHostForward {
    bool udp;
    uint32_t host, guest;
    uint16_t host_port, guest_port;
} VtHostForward;

/* PROTOCOL:[HOSTADDR]:HOSTPORT-[GUESTADDR]:GUESTPORT; the default protocol is tcp. */
bool vt_hostfwd_parse(const char *text, VtHostForward *ret_forward, GError **error);

#define VT_GUESTFWD_CHARDEV "chardev:"

typedef struct VtGuestForward {
    uint32_t server; /* the address that the guest connects to */
    uint16_t port;
    const char *target; /* the rest of the rule: cmd:COMMAND, tcp:HOST:PORT, unix:PATH or chardev:ID */
} VtGuestForward;

/* [tcp]:ADDR:PORT-TARGET */
bool vt_guestfwd_parse(const char *text, VtGuestForward *ret_forward, GError **error);
