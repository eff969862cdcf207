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
vt_qmp_query_platform_versions(VtMonitor *monitor, VtPlatformVersionInfoList *ret, GError **error)
{
    (void)ret, (void)error;
    vt_monitor_answer(monitor, vt_platform_versions(vt_context_schema(vt_vm_context(vt_monitor_service(monitor)->vm))));
    return true;
}

/* A given value of a command says so; others have the text of an option, or a place in a file. */
static void
name_command(const VtProgram *program, json_object *origin)
{
    const char *by = vt_json_member_text(origin, "by");
    g_autofree char *name = by ? g_strndup(by, strcspn(by, " ")) : NULL;

    if (name && vt_program_command(program, name)) {
        g_autofree char *text = g_strdup_printf("QMP %s", name);

        vt_json_add_text(origin, "by", text);
    }
}

/* Adds the origins of the properties to each object of @config. */
static void
add_provenance(const VtService *service, json_object *config, bool settled)
{
    json_object *objects = json_object_object_get(config, "objects");
    g_autoptr(GArray) keys = vt_vm_objects(service->vm);

    for (guint i = 0; i < keys->len; i++) {
        const VtEntryKey *entry = &g_array_index(keys, VtEntryKey, i);
        json_object *object = json_object_object_get(objects, entry->key);
        json_object *properties = json_object_object_get(object, "properties");
        json_object *explained = vt_object_explain(entry->object, settled), *origins = json_object_new_object();

        json_object_object_foreach (explained, name, origin) {
            if (json_object_object_get_ex(properties, name, NULL)) {
                json_object_object_del(origin, "value");
                json_object_object_del(origin, "configured");
                json_object_object_del(origin, "settled");
                name_command(service->program, origin);
                json_object_object_add(origins, name, json_object_get(origin));
            }
        }
        json_object_put(explained);
        json_object_object_add(object, "provenance", origins);
    }
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
vt_qmp_query_effective_config(VtMonitor *monitor, const VtQObjQueryEffectiveConfigArg *arg, json_object **ret,
                              GError **error)
{
    const VtService *service = vt_monitor_service(monitor);

    (void)error;
    *ret = service->effective(service->line, service->vm, arg->settled);
    if (arg->provenance) {
        add_provenance(service, *ret, arg->settled);
    }
    return true;
}

bool
vt_qmp_config_freeze(VtMonitor *monitor, json_object **ret, GError **error)
{
    const VtService *service = vt_monitor_service(monitor);

    *ret = service->freeze(service->line, service->vm, error);
    return *ret != NULL;
}
