/* SPDX-License-Identifier: MIT */
/*
 * Events of the VM's objects.
 */
#pragma once

#include "vt-runtime/monitor.h"

/* What the VM's objects tell goes to the sessions. */
void vt_service_forward_events(VtService *service);
