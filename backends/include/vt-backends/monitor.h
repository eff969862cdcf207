/* SPDX-License-Identifier: MIT */
/*
 * QMP over a character device.
 */
#pragma once

#include "vt-runtime/monitor.h"

typedef struct VtCharMonitor VtCharMonitor;

/* Serves QMP on the realized character device @chardev_id.  Each client gets a new session. */
VtCharMonitor *vt_char_monitor_new(VtService *service, const char *chardev_id, bool pretty, GError **error);
/* Writes pending replies first, for a second at most. */
void vt_char_monitor_free(VtCharMonitor *monitor);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VtCharMonitor, vt_char_monitor_free)
