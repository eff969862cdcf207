/* SPDX-License-Identifier: MIT */
/*
 * Machines and the target.
 */
#include <string.h>

#include <json-c/json.h>

#include "vt-gen/machine.h"
#include "vt-runtime/monitor.h"

static void
add_str(json_object *object, const char *key, const char *value)
{
    json_object_object_add(object, key, json_object_new_string(value));
}

static void
add_bool(json_object *object, const char *key, bool value)
{
    json_object_object_add(object, key, json_object_new_boolean(value));
}

/* A member of the machine class as its image in the running context has it, or @fallback. */
static uint64_t
machine_uint(VtContext *ctx, const VtClassInfo *info, const char *name, uint64_t fallback)
{
    const VtProp *prop = vt_class_prop(info, name, strlen(name));
    const VtImage *image = prop ? vt_context_image(ctx, info, NULL) : NULL;

    if (!image) {
        return fallback;
    }
    return vt_field_get_uint(prop->layer, info->schema, prop->row, (const char *)image->data + prop->offset);
}

/* @alias: NULL for none. */
static json_object *
machine_info(VtContext *ctx, const VtClassInfo *info, const char *name, const char *alias, bool deprecated)
{
    json_object *row = json_object_new_object();

    add_str(row, "name", name);
    if (alias) {
        add_str(row, "alias", alias);
    }
    json_object_object_add(row, "cpu-max", json_object_new_uint64(machine_uint(ctx, info, "smp-max-cpus", 1)));
    add_bool(row, "hotpluggable-cpus", machine_uint(ctx, info, "hotpluggable-cpus", 0));
    add_bool(row, "numa-mem-supported", machine_uint(ctx, info, "numa-mem-supported", 0));
    add_bool(row, "deprecated", deprecated);
    add_bool(row, "acpi", machine_uint(ctx, info, "acpi-supported", 0));
    return row;
}

static void
add_family(VtContext *ctx, const VtClassInfo *info, json_object *list)
{
    const VtSchema *schema = info->schema;
    const VtMachine *machine = info->machine;
    const char *alias = machine->aliases ? vt_str(info->layer, info->layer->inputs[machine->aliases]) : NULL;

    if (!machine->from) {
        json_object_array_add(list, machine_info(ctx, info, info->tag, alias, false));
        return;
    }
    /* The alias is the newest one's. */
    for (size_t v = vt_schema_n_versions(schema, VT_AXIS_MACHINE); v >= machine->from; v--) {
        g_autofree char *name = NULL;

        if (!vt_machine_has_version(info, v)) {
            continue;
        }
        name = g_strdup_printf("%s-%s", info->tag, vt_schema_version_name(schema, VT_AXIS_MACHINE, v));
        json_object_array_add(list, machine_info(ctx, info, name, alias, v <= machine->deprecated_to));
        alias = NULL;
    }
}

bool
vt_qmp_query_machines(VtMonitor *monitor, const VtQObjQueryMachinesArg *arg, VtMachineInfoList *ret, GError **error)
{
    VtContext *ctx = vt_vm_context(vt_monitor_service(monitor)->vm);
    json_object *list = json_object_new_array();

    (void)arg;
    (void)ret;
    (void)error;
    for (const VtClassInfo *const *info = vt_schema_classes(vt_context_schema(ctx)); *info; info++) {
        if ((*info)->machine && !vt_class_is_abstract(*info) &&
            (!(*info)->row->targets || ((*info)->row->targets & vt_context_target(ctx)))) {
            add_family(ctx, *info, list);
        }
    }
    vt_monitor_answer(monitor, list);
    return true;
}

bool
vt_qmp_query_target(VtMonitor *monitor, VtQemuTargetInfo *ret, GError **error)
{
    json_object *info = json_object_new_object();

    (void)ret;
    (void)error;
    add_str(info, "arch", vt_target_name(vt_context_target(vt_vm_context(vt_monitor_service(monitor)->vm))));
    vt_monitor_answer(monitor, info);
    return true;
}
