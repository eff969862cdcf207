/* SPDX-License-Identifier: MIT */
/*
 * Shared by network backends only.
 */
#pragma once

#include "vt-backends/net.h"

/* Changes the user of the end, and drops its queue. */
void vt_net_end_set(VtNetEnd *end, const VtNetOps *ops, void *opaque);

/* Returns whether the user set the member, on the object or by -global. */
bool vt_net_is_said(VtObject *object, const char *member);
