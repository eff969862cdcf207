/* SPDX-License-Identifier: MIT */
/*
 * guestfwd to a TCP port of the host: one connection, made when the network starts, carries what the guest sends to the
 * rule's address.
 */
#pragma once

#include "user-address.h"
#include "user-poll.h"

typedef struct VtUserForward VtUserForward;

/* @target: HOST:PORT */
VtUserForward *vt_user_forward_new(struct Slirp *slirp, VtUserPoll *poll, const VtGuestForward *rule,
                                   const char *target, GError **error);
void vt_user_forward_free(VtUserForward *forward);
/* Before and after each wait. */
void vt_user_forward_before(VtUserForward *forward);
void vt_user_forward_after(VtUserForward *forward);
