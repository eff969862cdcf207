/* SPDX-License-Identifier: MIT */
/*
 * Configuration of the user network, with all defaults resolved.
 */
#pragma once

#include "user-address.h"
#include "vt-gen/backends.h"
#include "vt-runtime/object.h"

typedef struct VtUserNet {
    bool ipv4, ipv6;
    VtIpv4Net net;
    uint32_t host, dns, dhcp;
    VtIpv6Net net6;
    struct in6_addr host6, dns6;
} VtUserNet;

bool vt_user_net_settle(VtObject *object, VtUserNet *ret_net, GError **error);

/* The forwarding rule guestfwd[@index]: its settings are a VtGuestForward.  The caller frees it. */
VtForm *vt_user_guest_forward(const VtObject *object, size_t index);

typedef struct VtUserStack VtUserStack;

/* Starts the network.  Its frames pass through the end of @object. */
VtUserStack *vt_user_stack_new(VtObject *object, const VtUserNet *net, GError **error);
void vt_user_stack_free(VtUserStack *stack);
