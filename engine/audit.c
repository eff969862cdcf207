/* SPDX-License-Identifier: MIT */
#include "vt-engine/audit.h"

#include <string.h>

#include <json-c/json.h>

#include "pin-value.h"
#include "vt-runtime/error.h"
#include "vt-runtime/json.h"
#include "vt-runtime/output.h"

#define MACHINE_SUFFIX "-machine"

/* ---- what runs ----------------------------------------------------------------------------------------- */

void
vt_engine_running_clear(VtEngineRunning *running)
{
    g_clear_pointer(&running->target, g_free);
    g_clear_pointer(&running->machine, g_free);
}

static json_object *
member(json_object *object, const char *name)
{
    json_object *value = NULL;

    json_object_object_get_ex(object, name, &value);
    return value;
}

/* {"path": @path, "property": @property}; @property may be NULL. */
static json_object *
at(const char *path, const char *property)
{
    json_object *arguments = json_object_new_object();

    vt_json_add_text(arguments, "path", path);
    vt_json_add_text(arguments, "property", property);
    return arguments;
}

bool
vt_engine_running_read(VtEngineClient *client, VtEngineRunning *ret_running, GError **error)
{
    g_autoptr(GArray) calls = vt_engine_calls_new();
    json_object *target, *type;

    vt_engine_calls_add(calls, "query-target", NULL);
    vt_engine_calls_add(calls, "qom-get", at("/machine", "type"));
    if (!vt_engine_client_batch(client, calls, error)) {
        return false;
    }
    target = member(g_array_index(calls, VtEngineCall, 0).result, "arch");
    type = g_array_index(calls, VtEngineCall, 1).result;
    if (!json_object_is_type(target, json_type_string) || !json_object_is_type(type, json_type_string)) {
        return vt_error_set(error, "the monitor is not that of a QEMU with a machine");
    }
    *ret_running = (VtEngineRunning){.target = g_strdup(json_object_get_string(target)),
                                     .machine = g_strdup(json_object_get_string(type))};
    if (g_str_has_suffix(ret_running->machine, MACHINE_SUFFIX)) {
        ret_running->machine[strlen(ret_running->machine) - strlen(MACHINE_SUFFIX)] = '\0';
    }
    vt_engine_client_version(client, ret_running->version);
    return true;
}

/* ---- devices ------------------------------------------------------------------------------------------- */

typedef struct Audit {
    VtEngineClient *client;
    VtContext *ctx;
    GArray *found; /* of VtEngineDeviation */
} Audit;

static void
clear_deviation(void *opaque)
{
    VtEngineDeviation *one = opaque;

    g_free(one->path);
    json_object_put(one->value);
    json_object_put(one->expected);
}

static bool
is_address(const VtClassInfo *info, const char *name)
{
    const char *bus = vt_str(info->layer, info->row->plugs_into), *part;

    for (unsigned i = 0; *bus && (part = vt_schema_bus_address(info->schema, bus, i)); i++) {
        if (strcmp(part, name) == 0) {
            return true;
        }
    }
    return false;
}

/* Whether a value of the member that differs from the default was set by the user. */
static bool
is_compared(const Audit *audit, const VtClassInfo *info, const VtProp *prop)
{
    uint16_t target = vt_context_target(audit->ctx);

    return !prop->hidden && !prop->alias_of && !prop->late && prop->row->kind != VT_KIND_REF &&
           !(prop->row->flags & (VT_ROW_IF_OFF | VT_ROW_LIST)) &&
           !(prop->cold->features & (VT_FEATURES_NO_INPUT | VT_FEATURE_SENSITIVE)) &&
           (!prop->cold->targets || prop->cold->targets & target) && !is_address(info, prop->name);
}

/* Whether a member without a default has no value. */
static bool
is_none(json_object *value)
{
    return !value || (json_object_is_type(value, json_type_string) && !json_object_get_string_len(value)) ||
           (json_object_is_type(value, json_type_int) && !json_object_get_int64(value)) ||
           (json_object_is_type(value, json_type_boolean) && !json_object_get_boolean(value));
}

static void
compare(Audit *audit, const VtClassInfo *info, const char *path, const VtProp *prop, const char *type,
        json_object *value)
{
    const VtImage *image = vt_context_image(audit->ctx, info);
    const void *field = (const char *)image->data + prop->offset;
    size_t index = prop - info->props;
    bool number = engine_type_is_number(type);
    VtEngineDeviation one = {.prop = prop, .entry = image->entries[index]};
    VtConfig *config = vt_config_new(audit->ctx, info);

    if (vt_config_present(config, prop)) {
        one.expected = vt_output_field(info->schema, prop->layer, prop->row, field, number ? 0 : VT_OUTPUT_NAMES);
        one.expected = engine_value_as(one.expected, type);
    }
    if ((one.expected && (json_object_equal(one.expected, value) || engine_field_is_auto(info->schema, prop, field))) ||
        (!one.expected && is_none(value))) {
        json_object_put(one.expected);
    } else {
        one.path = g_strdup(path);
        one.value = json_object_get(value);
        g_array_append_val(audit->found, one);
    }
    vt_config_free(config);
}

/* Compares the device at @path, whose properties are @listed. */
static bool
audit_device(Audit *audit, const char *path, const VtClassInfo *info, json_object *listed, GError **error)
{
    g_autoptr(GArray) calls = vt_engine_calls_new();
    g_autoptr(GPtrArray) types = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GArray) props = g_array_new(FALSE, FALSE, sizeof(const VtProp *));

    for (size_t i = 0; i < json_object_array_length(listed); i++) {
        json_object *one = json_object_array_get_idx(listed, i);
        const char *name = json_object_get_string(member(one, "name"));
        const VtProp *prop = vt_class_prop(info, name, strlen(name));

        if (prop && is_compared(audit, info, prop)) {
            g_array_append_val(props, prop);
            g_ptr_array_add(types, g_strdup(json_object_get_string(member(one, "type"))));
            vt_engine_calls_add(calls, "qom-get", at(path, name));
        }
    }
    if (!vt_engine_client_batch(audit->client, calls, error)) {
        return false;
    }
    for (guint i = 0; i < calls->len; i++) {
        const VtEngineCall *call = &g_array_index(calls, VtEngineCall, i);

        if (!call->error) {
            compare(audit, info, path, g_array_index(props, const VtProp *, i), types->pdata[i], call->result);
        }
    }
    return true;
}

/* The class of a child whose type of QOM is "child<TYPE>", or NULL. */
static const VtClassInfo *
class_of_child(const VtSchema *schema, const char *type)
{
    g_autofree char *name = g_str_has_prefix(type, "child<") ? g_strdup(type + strlen("child<")) : NULL;

    if (name) {
        name[strcspn(name, ">")] = '\0';
    }
    return name ? vt_schema_class(schema, name) : NULL;
}

static bool
audit_container(Audit *audit, const char *container, GError **error)
{
    json_object *arguments = at(container, NULL);
    json_object *children = vt_engine_client_call(audit->client, "qom-list", arguments, NULL);
    bool ok = true;

    json_object_put(arguments);
    for (size_t i = 0; ok && children && i < json_object_array_length(children); i++) {
        json_object *child = json_object_array_get_idx(children, i);
        const VtClassInfo *info =
            class_of_child(vt_context_schema(audit->ctx), json_object_get_string(member(child, "type")));
        g_autofree char *path = g_strdup_printf("%s/%s", container, json_object_get_string(member(child, "name")));
        json_object *own = at(path, NULL), *listed;

        if (info) {
            listed = vt_engine_client_call(audit->client, "qom-list", own, error);
            ok = listed && audit_device(audit, path, info, listed, error);
            json_object_put(listed);
        }
        json_object_put(own);
    }
    json_object_put(children);
    return ok;
}

GArray *
vt_engine_audit(VtEngineClient *client, VtContext *ctx, GError **error)
{
    Audit audit = {client, ctx, g_array_new(FALSE, FALSE, sizeof(VtEngineDeviation))};

    g_array_set_clear_func(audit.found, clear_deviation);
    if (!audit_container(&audit, "/machine/peripheral", error) ||
        !audit_container(&audit, "/machine/peripheral-anon", error)) {
        g_array_unref(audit.found);
        return NULL;
    }
    return audit.found;
}
