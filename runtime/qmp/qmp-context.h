/* SPDX-License-Identifier: MIT */
#pragma once

#include "vt-runtime/monitor.h"
#include "vt-runtime/options.h"

/* Creates a context without a configuration, which has the machine, the platform version and the target of the VM of
 * @monitor where @overrides does not replace them.  The caller frees it.  NULL on error. */
VtContext *vt_monitor_context(VtMonitor *monitor, const VtOverrides *overrides, GError **error);
