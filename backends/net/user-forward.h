/* SPDX-License-Identifier: MIT */
/*
 * guestfwd to a TCP port of the host.  The network opens one connection at startup.  It carries the data that the guest
 * sends to the address of the rule.
 */
#pragma once

#include "user-address.h"
#include "user-poll.h"

typedef struct VtUserForward VtUserForward;

/* @target: HOST:PORT */
VtUserForward *vt_user_forward_new(struct Slirp *slirp, VtUserPoll *poll, const VtGuestForward *rule,
                                   const char *target, GError **error);
void vt_user_forward_free(VtUserForward *forward);
/* Call before and after each poll. */
void vt_user_forward_before(VtUserForward *forward);
void vt_user_forward_after(VtUserForward *forward);
