/* SPDX-License-Identifier: MIT */
/*
 * Accelerators, for the rest of the machine.
 */
#pragma once

#include "vt-runtime/monitor.h"

/* Returns whether clients see the guest run while the machine runs.  With qtest no vCPU runs, but a client that selects
 * it tests the machine as if it ran. */
bool vt_accel_runs_guest(VtMonitor *monitor);
