/* SPDX-License-Identifier: MIT */
/*
 * query-platform, query-platform-host, query-platform-versions, query-effective-config and config-freeze.
 */
#include <string.h>

#include <json-c/json.h>

#include "vt-gen/runtime.h"
#include "vt-runtime/host-info.h"
#include "vt-runtime/json.h"
#include "vt-runtime/monitor.h"
#include "vt-runtime/output.h"

bool
vt_qmp_query_platform(VtMonitor *monitor, VtPlatformInfo *ret, GError **error)
{
    VtVm *vm = vt_monitor_service(monitor)->vm;
    VtPlatform *platform = vt_context_platform(vt_vm_context(vm));
    const VtSchema *schema = vt_context_schema(vt_vm_context(vm));
    const VtLayer *lowest = vt_schema_lowest(schema);
    g_autoptr(GArray) demands = vt_vm_demands(vm);
    json_object *info = json_object_new_object(), *features = json_object_new_array();
    json_object *versions = json_object_new_array();

    (void)ret;
    (void)error;
    vt_json_add_text(info, "version", vt_platform_name(platform));
    vt_json_add_bool(info, "pinned", vt_monitor_service(monitor)->platform_pinned);
    for (size_t v = 1; v <= vt_schema_n_versions(schema, VT_AXIS_PLATFORM); v++) {
        json_object_array_add(versions, json_object_new_string(vt_schema_version_name(schema, VT_AXIS_PLATFORM, v)));
    }
    json_object_object_add(info, "versions", versions);
    json_object_object_add(info, "features", features);
    for (uint32_t i = 1; i < lowest->n_features; i++) {
        json_object *row = json_object_new_object();
        const char *detail = NULL;
        bool demanded = false;

        for (guint k = 0; k < demands->len; k++) {
            demanded = demanded || g_array_index(demands, VtDemand, k).feature == i;
        }
        vt_json_add_text(row, "name", vt_str(lowest, lowest->features[i].name));
        vt_json_add_text(row, "since", vt_schema_version_name(schema, VT_AXIS_PLATFORM, lowest->features[i].since));
        vt_json_add_bool(row, "demanded", demanded);
        vt_json_add_text(row, "host", vt_answer_name(vt_platform_ask(platform, i, &detail)));
        if (detail) {
            vt_json_add_text(row, "detail", detail);
        }
        json_object_array_add(features, row);
    }
    vt_monitor_answer(monitor, info);
    return true;
}

bool
vt_qmp_query_platform_host(VtMonitor *monitor, VtHostInfo *ret, GError **error)
{
    (void)ret;
    (void)error;
    vt_monitor_answer(monitor, vt_host_info_new(vt_context_platform(vt_vm_context(vt_monitor_service(monitor)->vm))));
    return true;
}

bool
vt_qmp_query_platform_versions(VtMonitor *monitor, VtPlatformVersionInfoList *ret, GError **error)
{
    (void)ret, (void)error;
    vt_monitor_answer(monitor, vt_platform_versions(vt_context_schema(vt_vm_context(vt_monitor_service(monitor)->vm))));
    return true;
}

bool
vt_qmp_query_effective_config(VtMonitor *monitor, const VtQObjQueryEffectiveConfigArg *arg, json_object **ret,
                              GError **error)
{
    (void)error;
    *ret = vt_vm_effective_config(vt_monitor_service(monitor)->vm, arg->settled);
    return true;
}

bool
vt_qmp_config_freeze(VtMonitor *monitor, json_object **ret, GError **error)
{
    const VtService *service = vt_monitor_service(monitor);

    *ret = service->freeze(service->line, service->vm, error);
    return *ret != NULL;
}
