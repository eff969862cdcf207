/* SPDX-License-Identifier: MIT */
/*
 * QMP commands of Arm machines.
 */
#include <json-c/json.h>

#include "vt-gen/machine.h"
#include "vt-runtime/error.h"
#include "vt-runtime/json.h"
#include "vt-runtime/monitor.h"

/* KVM has none of them: it requires an engine. */
bool
vt_qmp_query_gic_capabilities(VtMonitor *monitor, VtGICCapabilityList *ret, GError **error)
{
    static const int versions[] = {3, 2};
    uint16_t target = vt_context_target(vt_vm_context(vt_monitor_service(monitor)->vm));
    json_object *list;

    (void)ret;
    if (!(target & (VT_TARGET_ARM | VT_TARGET_AARCH64))) {
        return vt_error_set(error, "target %s has no GIC", vt_target_name(target));
    }
    list = json_object_new_array();
    for (size_t i = 0; i < G_N_ELEMENTS(versions); i++) {
        json_object *row = json_object_new_object();

        json_object_object_add(row, "version", json_object_new_int(versions[i]));
        vt_json_add_bool(row, "emulated", true);
        vt_json_add_bool(row, "kernel", false);
        json_object_array_add(list, row);
    }
    vt_monitor_answer(monitor, list);
    return true;
}
