/* SPDX-License-Identifier: MIT */
/*
 * Accelerators: what the rest of the machine asks about them.
 */
#pragma once

#include "vt-runtime/monitor.h"

/* Whether processors run while the machine does; qtest has none. */
bool vt_accel_runs_processors(VtMonitor *monitor);
