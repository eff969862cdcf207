/* SPDX-License-Identifier: MIT */
/*
 * config-diff.
 */
#include <string.h>

#include <json-c/json.h>

#include "qmp-context.h"
#include "vt-gen/runtime.h"
#include "vt-runtime/config.h"
#include "vt-runtime/diff.h"
#include "vt-runtime/error.h"
#include "vt-runtime/json.h"
#include "vt-runtime/wipe.h"

static VtOverrides
overrides_of(const VtConfigDiffSide *side)
{
    return (VtOverrides){
        .machine = side->machine, .platform_version = side->platform_version, .release = side->release};
}

/* Returns the VM of the process, or one that is planned, *@ret_planned. */
static VtVm *
vm_of(const VtService *service, const VtConfigDiffSide *side, const char *name, VtVm **ret_planned, GError **error)
{
    const VtOverrides overrides = overrides_of(side);
    g_autofree char *where = g_strdup_printf("%s.config", name);
    char *text;

    if (side->running) {
        return service->vm;
    }
    text = vt_json_text(side->config);
    *ret_planned = service->plan(service, where, text, &overrides, error);
    vt_wipe_str(text);
    return *ret_planned;
}

static bool
has_config(const VtSchema *schema, const VtConfigDiffSide *side)
{
    return side->running || vt_struct_given(schema, "ConfigDiffSide", side, "config");
}

static bool
check_side(const VtSchema *schema, const VtConfigDiffSide *side, const char *name, GError **error)
{
    bool other = vt_struct_given(schema, "ConfigDiffSide", side, "config") || side->machine || side->platform_version ||
                 side->release;

    return !(side->running && other) || vt_error_set(error, "%s: running excludes other members", name);
}

static bool
diff_vms(const VtService *service, const VtQObjConfigDiffArg *arg, GPtrArray *types, GArray *diffs, GError **error)
{
    g_autoptr(VtVm) first = NULL;
    g_autoptr(VtVm) second = NULL;
    const VtVm *from = vm_of(service, &arg->from, "from", &first, error);
    const VtVm *to = from ? vm_of(service, &arg->to, "to", &second, error) : NULL;

    if (to) {
        vt_diff_vms(diffs, from, to, types, arg->settled, 0);
    }
    return to != NULL;
}

static bool
diff_defaults(VtMonitor *monitor, const VtQObjConfigDiffArg *arg, GPtrArray *types, GArray *diffs, GError **error)
{
    const VtOverrides first = overrides_of(&arg->from), second = overrides_of(&arg->to);
    g_autoptr(VtContext) from = vt_monitor_context(monitor, &first, error);
    g_autoptr(VtContext) to = from ? vt_monitor_context(monitor, &second, error) : NULL;
    const VtSchema *schema;
    const VtClassInfo *const *all;

    if (!to) {
        return false;
    }
    schema = vt_context_schema(from);
    for (guint i = 0; i < types->len; i++) {
        const VtClassInfo *info = vt_schema_class(schema, types->pdata[i]);

        if (!info) {
            return vt_error_set(error, "types: there is no type '%s'", (const char *)types->pdata[i]);
        }
        if (vt_class_exists(info, from) && vt_class_exists(info, to)) {
            vt_diff_classes(diffs, from, to, info, 0);
        }
    }
    all = types->len ? NULL : vt_schema_classes(schema);
    for (; all && *all; all++) {
        if (!vt_class_is_abstract(*all) && vt_class_exists(*all, from) && vt_class_exists(*all, to)) {
            vt_diff_classes(diffs, from, to, *all, 0);
        }
    }
    return true;
}

static json_object *
describe_diff(const VtDiff *diff)
{
    json_object *row = json_object_new_object();

    vt_json_add_text(row, "object", diff->key);
    vt_json_add_text(row, "property", diff->property);
    if (diff->from) {
        json_object_object_add(row, "from", json_object_get(diff->from));
    }
    if (diff->to) {
        json_object_object_add(row, "to", json_object_get(diff->to));
    }
    vt_json_add_bool(row, "guest", diff->guest);
    vt_json_add_text(row, "axis", diff->axis);
    vt_json_add_text(row, "since", diff->since);
    vt_json_add_text(row, "why", diff->why && *diff->why ? diff->why : NULL);
    vt_json_add_text(row, "erratum", diff->erratum);
    if (diff->line) {
        vt_json_add_text(row, "file", diff->file);
        json_object_object_add(row, "line", json_object_new_int64(diff->line));
    }
    return row;
}

bool
vt_qmp_config_diff(VtMonitor *monitor, const VtQObjConfigDiffArg *arg, VtConfigDifferenceList *ret, GError **error)
{
    const VtService *service = vt_monitor_service(monitor);
    const VtSchema *schema = vt_context_schema(vt_vm_context(service->vm));
    bool of_vms = has_config(schema, &arg->from);
    g_autoptr(GPtrArray) types = g_ptr_array_new();
    g_autoptr(GArray) diffs = vt_diffs_new();
    json_object *answer;

    (void)ret;
    if (!check_side(schema, &arg->from, "from", error) || !check_side(schema, &arg->to, "to", error)) {
        return false;
    }
    if (has_config(schema, &arg->to) != of_vms) {
        return vt_error_set(error, "%s: expected config or running, as the other side has", of_vms ? "to" : "from");
    }
    for (size_t i = 0; i < arg->types.n; i++) {
        g_ptr_array_add(types, arg->types.v[i]);
    }
    if (!(of_vms ? diff_vms(service, arg, types, diffs, error) : diff_defaults(monitor, arg, types, diffs, error))) {
        return false;
    }
    answer = json_object_new_array();
    for (guint i = 0; i < diffs->len; i++) {
        json_object_array_add(answer, describe_diff(&g_array_index(diffs, VtDiff, i)));
    }
    vt_monitor_answer(monitor, answer);
    return true;
}
