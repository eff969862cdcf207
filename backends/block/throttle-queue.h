/* SPDX-License-Identifier: MIT */
/*
 * Requests that wait for their turn within limits they share.  From any thread, but for making and freeing.
 */
#pragma once

#include "node.h"
#include "throttle-limits.h"

typedef struct VtThrottleQueue VtThrottleQueue;   /* a group */
typedef struct VtThrottleMember VtThrottleMember; /* a node of it */

VtThrottleQueue *vt_throttle_queue_new(const VtThrottleRates *rates);
void vt_throttle_queue_free(VtThrottleQueue *queue); /* without members */
void vt_throttle_queue_set_rates(VtThrottleQueue *queue, const VtThrottleRates *rates);
void vt_throttle_queue_get_rates(VtThrottleQueue *queue, VtThrottleRates *ret_rates);

VtThrottleMember *vt_throttle_member_new(VtThrottleQueue *queue);
void vt_throttle_member_free(VtThrottleMember *member); /* nothing waits */
/* True: it may go ahead.  False: it waits, and is forwarded when it may. */
bool vt_throttle_admit(VtThrottleMember *member, VtBlockRequest *request);
/* What waits of @block does so no longer: it is answered with -ECANCELED, or forwarded. */
void vt_throttle_let_go(VtThrottleMember *member, const VtBlock *block, bool cancel);

/* The queue of a realized throttle-group. */
VtThrottleQueue *vt_throttle_group_queue(VtObject *group);
