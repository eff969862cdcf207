/* SPDX-License-Identifier: MIT */
/*
 * guestfwd to a TCP port of the host.  The network opens one connection at startup.  It carries the data that the guest
 * sends to the address of the rule.
 */
#pragma once

#include "user-poll.h"
#include "vt-gen/backends.h"

typedef struct VtUserForward VtUserForward;

VtUserForward *vt_user_forward_new(struct Slirp *slirp, VtUserPoll *poll, const VtGuestForward *rule, GError **error);
void vt_user_forward_free(VtUserForward *forward);
/* Call before and after each poll. */
void vt_user_forward_before(VtUserForward *forward);
void vt_user_forward_after(VtUserForward *forward);
