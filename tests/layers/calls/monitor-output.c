/* SPDX-License-Identifier: MIT */
/* A call that runtime/qmp/monitor-output.c must not make: monitor-session.c is above it. */
#include "vt-runtime/monitor.h"

void upward(VtMonitor *monitor);

void
upward(VtMonitor *monitor)
{
    vt_monitor_writable(monitor);
}
