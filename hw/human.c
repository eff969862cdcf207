/* SPDX-License-Identifier: MIT */
/*
 * Commands of the human monitor for devices.
 */
#include "vt-gen/hw.h"
#include "vt-runtime/human.h"

bool
vt_hmp_info_qdm(VtMonitor *monitor, GString *text, GError **error)
{
    return vt_human_option_help(monitor, "device", text, error);
}
