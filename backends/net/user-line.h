/* SPDX-License-Identifier: MIT */
/*
 * guestfwd to a character device.  Data that the guest sends to the address of the rule is output of the device.  Input
 * of the device is the reply.
 */
#pragma once

#include "vt-gen/backends.h"
#include "vt-runtime/object.h"

struct Slirp;

typedef struct VtUserLine VtUserLine;

/* @netdev is the user network. */
VtUserLine *vt_user_line_new(VtObject *netdev, struct Slirp *slirp, const VtGuestForward *rule, GError **error);
void vt_user_line_free(VtUserLine *line);
/* Call before each poll. */
void vt_user_line_before(VtUserLine *line);
