/* SPDX-License-Identifier: MIT */
/*
 * Models of processors, as clients ask for them.
 */
#include <json-c/json.h>

#include "vt-gen/hw.h"
#include "vt-runtime/monitor.h"

/* No default of it depends on the machine's version. */
static bool
is_static(const VtClassInfo *info)
{
    for (size_t i = 0; i < info->n_props; i++) {
        const VtProp *prop = &info->props[i];

        if (prop->timeline && prop->timeline->axis == VT_AXIS_MACHINE) {
            return false;
        }
    }
    return true;
}

bool
vt_qmp_query_cpu_definitions(VtMonitor *monitor, VtCpuDefinitionInfoList *ret, GError **error)
{
    const VtService *service = vt_monitor_service(monitor);
    const VtContext *ctx = vt_vm_context(service->vm);
    json_object *list = json_object_new_array();

    (void)ret;
    (void)error;
    for (const VtClassInfo *const *info = vt_schema_classes(vt_context_schema(ctx)); *info; info++) {
        g_autofree char *name = vt_program_model_name(service->program, "cpu", *info, vt_context_target(ctx));
        json_object *row;

        if (!name) {
            continue;
        }
        row = json_object_new_object();
        json_object_object_add(row, "name", json_object_new_string(name));
        json_object_object_add(row, "static", json_object_new_boolean(is_static(*info)));
        json_object_object_add(row, "typename", json_object_new_string((*info)->name));
        json_object_object_add(row, "deprecated",
                               json_object_new_boolean((*info)->row->features & VT_FEATURE_DEPRECATED));
        json_object_array_add(list, row);
    }
    vt_monitor_answer(monitor, list);
    return true;
}
