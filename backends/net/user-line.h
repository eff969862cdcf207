/* SPDX-License-Identifier: MIT */
/*
 * guestfwd to a character device: what the guest sends to the rule's address is written to it, and what comes in from
 * it is the answer.
 */
#pragma once

#include "user-address.h"
#include "vt-runtime/object.h"

struct Slirp;

typedef struct VtUserLine VtUserLine;

/* @netdev is the user network. */
VtUserLine *vt_user_line_new(VtObject *netdev, struct Slirp *slirp, const VtGuestForward *rule, GError **error);
void vt_user_line_free(VtUserLine *line);
/* Before each wait. */
void vt_user_line_before(VtUserLine *line);
