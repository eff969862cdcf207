/* SPDX-License-Identifier: MIT */
/*
 * Requests that wait for shared I/O limits.  Any thread, except for creation and freeing.
 */
#pragma once

#include "node.h"
#include "throttle-limits.h"

typedef struct VtThrottleQueue VtThrottleQueue;   /* a throttle group */
typedef struct VtThrottleMember VtThrottleMember; /* one node of the group */

VtThrottleQueue *vt_throttle_queue_new(const VtThrottleRates *rates);
void vt_throttle_queue_free(VtThrottleQueue *queue); /* the group has no members */
void vt_throttle_queue_set_rates(VtThrottleQueue *queue, const VtThrottleRates *rates);
void vt_throttle_queue_get_rates(VtThrottleQueue *queue, VtThrottleRates *ret_rates);

VtThrottleMember *vt_throttle_member_new(VtThrottleQueue *queue);
void vt_throttle_member_free(VtThrottleMember *member); /* no request waits */
/* True: the request may run now.  False: it waits, and is forwarded later. */
bool vt_throttle_admit(VtThrottleMember *member, VtBlockRequest *request);
/* Ends the wait of all requests of @block: they fail with -ECANCELED, or are forwarded. */
void vt_throttle_let_go(VtThrottleMember *member, const VtBlock *block, bool cancel);

/* The queue of a realized throttle-group. */
VtThrottleQueue *vt_throttle_group_queue(VtObject *group);
