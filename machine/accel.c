/* SPDX-License-Identifier: MIT */
/*
 * Accelerators.  No vCPU runs in this process, so the default accelerator is qtest.
 */
#include <json-c/json.h>

#include "accel.h"
#include "vt-gen/machine.h"
#include "vt-runtime/monitor.h"

const VtOps vt_ops_qtest_accel;

/* Returns whether this program implements the accelerator of the class @row. */
static bool
is_present(const VtClass *row)
{
    return !(row->flags & VT_CLASS_ABSTRACT) && row->model != VT_MODEL_NONE;
}

/* Without a processor, the user can select an accelerator that this program lacks. */
static const char *
enabled(VtMonitor *monitor)
{
    const VtContext *ctx = vt_vm_context(vt_monitor_service(monitor)->vm);
    const VtSchema *schema = vt_context_schema(ctx);
    const char *accel = vt_context_accel(ctx);
    const VtClassInfo *info = accel ? vt_schema_class_by_tag(schema, vt_schema_class(schema, "accel"), accel) : NULL;

    return info && is_present(info->row) ? accel : "qtest";
}

bool
vt_accel_runs_guest(VtMonitor *monitor)
{
    return vt_context_accel(vt_vm_context(vt_monitor_service(monitor)->vm)) != NULL;
}

bool
vt_qmp_query_accelerators(VtMonitor *monitor, VtAcceleratorInfo *ret, GError **error)
{
    const VtSchema *schema = vt_context_schema(vt_vm_context(vt_monitor_service(monitor)->vm));
    const VtClassInfo *root = vt_schema_class(schema, "accel");
    json_object *info = json_object_new_object(), *present = json_object_new_array();
    const VtLayer *layer;
    const VtClass *row;

    (void)ret;
    (void)error;
    for (row = vt_schema_class_from(schema, 0, &layer); row; row = vt_schema_class_from(schema, row->id + 1, &layer)) {
        if (row->root == root->row->id && is_present(row)) {
            json_object_array_add(present, json_object_new_string(vt_class_row_tag(schema, layer, row)));
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
    ret->present = is_present(vt_schema_class(schema, "kvm-accel")->row);
    ret->enabled = strcmp(enabled(monitor), "kvm") == 0;
    return true;
}
