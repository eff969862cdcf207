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

/* @alias: NULL for none.  @ctx is that of the running machine: what is told is of @machine, in a context of its own. */
static json_object *
machine_info(VtContext *ctx, const VtMachineName *machine, const char *alias, bool deprecated)
{
    const VtSchema *schema = vt_context_schema(ctx);
    uint16_t platform = vt_platform_version(vt_context_platform(ctx)), target = vt_context_target(ctx);
    g_autoptr(VtContext) own =
        vt_context_new(schema, vt_platform_new(schema, platform, NULL, NULL), machine, target, NULL);
    const VtImage *image = vt_context_image(own, machine->family, NULL);
    const VtMachineConfig *config = image->data;
    json_object *row = json_object_new_object();

    add_str(row, "name", machine->name);
    if (alias) {
        add_str(row, "alias", alias);
    }
    json_object_object_add(row, "cpu-max", json_object_new_int64(config->smp_max_cpus));
    add_bool(row, "hotpluggable-cpus", config->hotpluggable_cpus);
    add_bool(row, "numa-mem-supported", config->numa_mem_supported);
    add_bool(row, "deprecated", deprecated);
    if (config->default_cpu_type) {
        add_str(row, "default-cpu-type", config->default_cpu_type);
    }
    if (config->default_ram_id) {
        add_str(row, "default-ram-id", config->default_ram_id);
    }
    add_bool(row, "acpi", vt_class_prop(machine->family, "acpi", strlen("acpi")));
    return row;
}

static void
add_family(VtContext *ctx, const VtClassInfo *info, json_object *list)
{
    const VtSchema *schema = info->schema;
    const VtMachine *machine = info->machine;
    const char *alias = machine->aliases ? vt_str(info->layer, info->layer->inputs[machine->aliases]) : NULL;

    if (!machine->from) {
        VtMachineName name = {info, vt_schema_n_versions(schema, VT_AXIS_MACHINE), (char *)info->tag};

        json_object_array_add(list, machine_info(ctx, &name, alias, false));
        return;
    }
    /* The alias is the newest one's. */
    for (size_t v = vt_schema_n_versions(schema, VT_AXIS_MACHINE); v >= machine->from; v--) {
        g_autofree char *name = NULL;

        if (!vt_machine_has_version(info, v)) {
            continue;
        }
        name = g_strdup_printf("%s-%s", info->tag, vt_schema_version_name(schema, VT_AXIS_MACHINE, v));
        json_object_array_add(list,
                              machine_info(ctx, &(VtMachineName){info, v, name}, alias, v <= machine->deprecated_to));
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
