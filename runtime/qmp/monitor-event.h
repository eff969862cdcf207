/* SPDX-License-Identifier: MIT */
/*
 * Events that the VM's objects emit.
 */
#pragma once

#include "vt-runtime/monitor.h"

/* Forwards events of the VM's objects to all sessions, and their quit requests to vt_service_shutdown(). */
void vt_service_forward_events(VtService *service);
