/* SPDX-License-Identifier: MIT */
/*
 * Accelerators, for the rest of the machine.
 */
#pragma once

#include "vt-runtime/monitor.h"

/* Returns whether vCPUs run while the machine runs; with qtest they do not. */
bool vt_accel_runs_processors(VtMonitor *monitor);
