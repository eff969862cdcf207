/* SPDX-License-Identifier: MIT */
/*
 * Monitors over a character device: QMP, and the human monitor.
 */
#pragma once

#include "vt-runtime/monitor.h"

typedef struct VtCharMonitor VtCharMonitor;

/* Serves a monitor on its realized character device.  Each client gets a new session. */
VtCharMonitor *vt_char_monitor_new(VtService *service, const VtMonitorOptions *options, GError **error);
/* Writes pending replies first, for a second at most. */
void vt_char_monitor_free(VtCharMonitor *monitor);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VtCharMonitor, vt_char_monitor_free)
