/* SPDX-License-Identifier: MIT */
/*
 * QMP over a character device.
 */
#pragma once

#include "vt-runtime/monitor.h"

typedef struct VtCharMonitor VtCharMonitor;

/* Each client that comes to the character device has a session of its own.  @chardev_id names one that is realized. */
VtCharMonitor *vt_char_monitor_new(VtService *service, const char *chardev_id, bool pretty, GError **error);
/* What the client is still owed is written first, even if that takes a while (a second at most). */
void vt_char_monitor_free(VtCharMonitor *monitor);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VtCharMonitor, vt_char_monitor_free)
