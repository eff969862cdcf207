/* SPDX-License-Identifier: MIT */
/*
 * QMP commands for the settings of a migration.  Without an engine, nothing migrates: the settings are checked and
 * kept, and clients read them back.
 */
#include <string.h>

#include <json-c/json.h>

#include "vt-gen/machine.h"
#include "vt-runtime/json.h"
#include "vt-runtime/monitor.h"
#include "vt-runtime/output.h"

#define CLASS "migration" /* has the defaults: of NAME, or of x-NAME */

static const char parameters_key, capabilities_key;

static void
put(void *settings)
{
    json_object_put(settings);
}

/* What clients have set: {NAME: value}.  Borrowed. */
static json_object *
settings_of(VtVm *vm, const char *key)
{
    json_object *settings = vt_vm_slot(vm, key);

    if (!settings) {
        settings = json_object_new_object();
        vt_vm_set_slot(vm, key, settings, put);
    }
    return settings;
}

/* The default of the member @name; NULL: it has none.  A new reference. */
static json_object *
default_of(VtVm *vm, const char *name)
{
    const VtSchema *schema = vt_context_schema(vt_vm_context(vm));
    const VtClassInfo *info = vt_schema_class(schema, CLASS);
    g_autofree char *other = g_strconcat("x-", name, NULL);
    g_autoptr(VtConfig) config = vt_config_new(vt_vm_context(vm), info);
    const VtProp *prop = vt_class_prop(info, name, strlen(name));

    if (!prop) {
        prop = vt_class_prop(info, other, strlen(other));
    }
    if (prop && vt_config_present(config, prop)) {
        return vt_output_field(schema, prop->layer, prop->row, vt_config_field(config, prop), 0);
    }
    /* Clients read an absent text as an empty one. */
    return prop && prop->row->kind == VT_KIND_STR ? json_object_new_string("") : NULL;
}

/* The value of the setting @name; NULL: none.  A new reference. */
static json_object *
value_of(VtVm *vm, const char *key, const char *name)
{
    json_object *value;

    return json_object_object_get_ex(settings_of(vm, key), name, &value) ? json_object_get(value)
                                                                         : default_of(vm, name);
}

/* ---- parameters ------------------------------------------------------------------------------------------ */

bool
vt_qmp_query_migrate_parameters(VtMonitor *monitor, VtMigrationParameters *ret, GError **error)
{
    VtVm *vm = vt_monitor_service(monitor)->vm;
    const VtSchema *schema = vt_context_schema(vt_vm_context(vm));
    uint16_t id = vt_schema_find_type(schema, "MigrationParameters");
    const VtLayer *layer = vt_schema_type_layer(schema, id);
    const VtType *type = vt_schema_type(schema, id);
    json_object *answer = json_object_new_object();

    (void)ret;
    (void)error;
    for (unsigned i = 0; i < type->count; i++) {
        const char *name = vt_str(layer, layer->rows[type->first + i].name);
        json_object *value = value_of(vm, &parameters_key, name);

        if (value) {
            json_object_object_add(answer, name, value);
        }
    }
    vt_monitor_answer(monitor, answer);
    return true;
}

bool
vt_qmp_migrate_set_parameters(VtMonitor *monitor, const VtMigrationParameters *arg, GError **error)
{
    VtVm *vm = vt_monitor_service(monitor)->vm;
    const VtSchema *schema = vt_context_schema(vt_vm_context(vm));
    json_object *given = vt_output_type(schema, vt_schema_find_type(schema, "MigrationParameters"), arg, 0);

    (void)error;
    json_object_object_foreach (given, name, value) {
        json_object_object_add(settings_of(vm, &parameters_key), name, json_object_get(value));
    }
    json_object_put(given);
    return true;
}

/* ---- capabilities ---------------------------------------------------------------------------------------- */

bool
vt_qmp_query_migrate_capabilities(VtMonitor *monitor, VtMigrationCapabilityStatusList *ret, GError **error)
{
    VtVm *vm = vt_monitor_service(monitor)->vm;
    const VtSchema *schema = vt_context_schema(vt_vm_context(vm));
    json_object *list = json_object_new_array();

    (void)ret;
    (void)error;
    for (uint32_t i = 0; i < VT_MIGRATION_CAPABILITY__MAX; i++) {
        const char *name = vt_enum_name(schema, "MigrationCapability", i);
        json_object *row = json_object_new_object(), *state = value_of(vm, &capabilities_key, name);

        vt_json_add_text(row, "capability", name);
        vt_json_add_bool(row, "state", state && json_object_get_boolean(state));
        json_object_put(state);
        json_object_array_add(list, row);
    }
    vt_monitor_answer(monitor, list);
    return true;
}

bool
vt_qmp_migrate_set_capabilities(VtMonitor *monitor, const VtQObjMigrateSetCapabilitiesArg *arg, GError **error)
{
    VtVm *vm = vt_monitor_service(monitor)->vm;
    const VtSchema *schema = vt_context_schema(vt_vm_context(vm));

    (void)error;
    for (size_t i = 0; i < arg->capabilities.n; i++) {
        const VtMigrationCapabilityStatus *status = &arg->capabilities.v[i];

        vt_json_add_bool(settings_of(vm, &capabilities_key),
                         vt_enum_name(schema, "MigrationCapability", status->capability), status->state);
    }
    return true;
}

/* ---- state ----------------------------------------------------------------------------------------------- */

bool
vt_qmp_query_migrate(VtMonitor *monitor, VtMigrationInfo *ret, GError **error)
{
    json_object *info = json_object_new_object(), *reasons = json_object_new_array();

    (void)ret;
    (void)error;
    json_object_array_add(reasons, json_object_new_string("no engine runs a guest"));
    json_object_object_add(info, "blocked-reasons", reasons);
    vt_monitor_answer(monitor, info);
    return true;
}
