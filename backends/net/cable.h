/* SPDX-License-Identifier: MIT */
/*
 * What network backends share and nobody else needs.
 */
#pragma once

#include "vt-backends/net.h"

/* Another user of the end; what waits for the old one is dropped. */
void vt_net_end_set(VtNetEnd *end, const VtNetOps *ops, void *opaque);

/* Whether somebody said the member, be it here or by -global. */
bool vt_net_is_said(VtObject *object, const char *member);
