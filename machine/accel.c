/* SPDX-License-Identifier: MIT */
/*
 * Accelerators.  No vCPU runs in this process, so the default accelerator is qtest.
 */
#include <json-c/json.h>

#include "accel.h"
#include "vt-gen/machine.h"
#include "vt-runtime/monitor.h"

const VtOps vt_ops_qtest_accel;

static const char *
enabled(VtMonitor *monitor)
{
    const char *accel = vt_context_accel(vt_vm_context(vt_monitor_service(monitor)->vm));

    return accel ? accel : "qtest";
}

/* Returns whether this program implements the accelerator @info. */
static bool
is_present(const VtClassInfo *info)
{
    return strcmp(info->kind, "accel") == 0 && !vt_class_is_abstract(info) && info->row->model != VT_MODEL_NONE;
}

bool
vt_accel_runs_processors(VtMonitor *monitor)
{
    return strcmp(enabled(monitor), "qtest") != 0;
}

bool
vt_qmp_query_accelerators(VtMonitor *monitor, VtAcceleratorInfo *ret, GError **error)
{
    const VtSchema *schema = vt_context_schema(vt_vm_context(vt_monitor_service(monitor)->vm));
    json_object *info = json_object_new_object(), *present = json_object_new_array();

    (void)ret;
    (void)error;
    for (const VtClassInfo *const *class = vt_schema_classes(schema); *class; class ++) {
        if (is_present(*class)) {
            json_object_array_add(present, json_object_new_string((*class)->tag));
        }
    }
    json_object_object_add(info, "enabled", json_object_new_string(enabled(monitor)));
    json_object_object_add(info, "present", present);
    vt_monitor_answer(monitor, info);
    return true;
}

bool
vt_qmp_query_kvm(VtMonitor *monitor, VtKvmInfo *ret, GError **error)
{
    const VtSchema *schema = vt_context_schema(vt_vm_context(vt_monitor_service(monitor)->vm));

    (void)error;
    ret->enabled = strcmp(enabled(monitor), "kvm") == 0;
    ret->present = is_present(vt_schema_class(schema, "kvm-accel"));
    return true;
}
