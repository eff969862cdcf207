/* SPDX-License-Identifier: MIT */
/*
 * Reports about objects: values and their origins.
 */
#include <string.h>

#include "object/object-private.h"
#include "vt-runtime/json.h"
#include "vt-runtime/output.h"

static const char *const origin_names[] = {
    [VT_ORIGIN_ABSENT] = "absent",   [VT_ORIGIN_EXPLICIT] = "explicit", [VT_ORIGIN_GLOBAL] = "global",
    [VT_ORIGIN_DERIVED] = "derived", [VT_ORIGIN_MACHINE] = "machine",   [VT_ORIGIN_PLATFORM] = "platform",
    [VT_ORIGIN_RELEASE] = "release", [VT_ORIGIN_BASE] = "base",
};

const char *
vt_origin_name(VtOrigin origin)
{
    return origin_names[origin];
}

/* ---- provenance ------------------------------------------------------------------------------------- */

static const char *
text_or_null(const VtLayer *layer, uint32_t index)
{
    const char *text = vt_text(layer->texts, index);

    return text[0] ? text : NULL;
}

static VtOrigin
origin_of_axis(VtAxis axis)
{
    switch (axis) {
    case VT_AXIS_RELEASE:
        return VT_ORIGIN_RELEASE;
    case VT_AXIS_MACHINE:
        return VT_ORIGIN_MACHINE;
    case VT_AXIS_PLATFORM:
        return VT_ORIGIN_PLATFORM;
    default:
        return VT_ORIGIN_BASE;
    }
}

static void
report_entry(const VtObject *object, const VtProp *prop, const VtEntry *entry, VtProvenance *provenance)
{
    const VtLayer *layer = prop->default_layer;

    provenance->entry = entry;
    provenance->layer = layer;
    provenance->axis = vt_entry_axis(prop->timeline, entry);
    provenance->why = text_or_null(layer, entry->why);
    provenance->since = vt_entry_since(object->vm->schema, prop->timeline, entry);
    if (prop->timeline->file && vt_text_line(layer->texts, entry->why)) {
        provenance->file = vt_str(layer, prop->timeline->file);
        provenance->line = vt_text_line(layer->texts, entry->why);
    }
}

VtProvenance
vt_object_provenance(const VtObject *object, const VtProp *prop)
{
    const VtObject *top = vt_object_const_top(object);
    const VtEntry *entry;
    VtProvenance provenance = {.from = VT_ORIGIN_ABSENT};
    const VtLate *late;
    size_t index;

    prop = vt_object_map_prop(object, prop);
    index = vt_prop_index(&top->class->info, prop);
    late = vt_late_find(top, index);
    provenance.file = vt_str(prop->layer, prop->cold->file);
    provenance.line = vt_text_line(prop->layer->texts, prop->cold->doc);
    if (vt_config_given(top->config, prop)) {
        provenance.from = VT_ORIGIN_EXPLICIT;
        return provenance;
    }
    if (top->config->image->global[index] == VT_SET_BY_OVERLAY) {
        const VtOverlaid *overlaid = vt_context_overlaid(object->vm->ctx, &top->class->info, prop);

        provenance.from = origin_of_axis(overlaid->axis);
        provenance.axis = overlaid->axis;
        provenance.since = overlaid->since;
        provenance.why = overlaid->why;
        return provenance;
    }
    if (top->config->image->global[index]) {
        provenance.from = VT_ORIGIN_GLOBAL;
        return provenance;
    }
    entry = late ? late->entry : top->config->image->entries[index];
    if (entry) {
        report_entry(top, prop, entry, &provenance);
        if (!(entry->flags & VT_ENTRY_ABSENT)) {
            provenance.from = origin_of_axis(provenance.axis);
        }
    }
    if (late && late->derived) {
        provenance.from = VT_ORIGIN_DERIVED;
    }
    return provenance;
}

VtOrigin
vt_provenance_configured(const VtProvenance *provenance)
{
    if (provenance->from != VT_ORIGIN_DERIVED) {
        return provenance->from;
    }
    if (!provenance->entry || (provenance->entry->flags & VT_ENTRY_ABSENT)) {
        return VT_ORIGIN_ABSENT;
    }
    return origin_of_axis(provenance->axis);
}

/* ---- values ----------------------------------------------------------------------------------------- */

void
vt_object_values(const VtObject *object, const VtProp *prop, unsigned output_flags, json_object **ret_configured,
                 json_object **ret_settled)
{
    const VtObject *top = vt_object_const_top(object);
    const VtSchema *schema = object->vm->schema;
    const void *field;
    bool present;

    prop = vt_object_map_prop(object, prop);
    if (ret_configured) {
        field = vt_late_configured(top, vt_prop_index(&top->class->info, prop), &present);
        *ret_configured = present ? vt_output_field(schema, prop->layer, prop->row, field, output_flags) : NULL;
    }
    if (ret_settled) {
        field = vt_config_field(top->config, prop);
        present = vt_config_present(top->config, prop);
        *ret_settled = present ? vt_output_field(schema, prop->layer, prop->row, field, output_flags) : NULL;
    }
}

json_object *
vt_object_member(const VtObject *object, const char *name, unsigned output_flags)
{
    const VtProp *prop = vt_class_prop(vt_object_class(object), name, strlen(name));
    json_object *value = NULL;

    if (prop) {
        vt_object_values(object, prop, output_flags, NULL, &value);
    }
    return value;
}

bool
vt_object_reports(const VtObject *object, const VtProp *prop, bool settled)
{
    const VtObject *top = vt_object_const_top(object);
    bool present;

    prop = vt_object_map_prop(object, prop);
    if (settled) {
        return vt_config_present(top->config, prop);
    }
    vt_late_configured(top, vt_prop_index(&top->class->info, prop), &present);
    return present;
}

static bool
is_shown(const VtObject *object, const VtProp *prop)
{
    /* A read-only member is not configuration. */
    return vt_prop_is_shown(prop, vt_context_target(object->vm->ctx)) && !(prop->cold->features & VT_FEATURE_READ_ONLY);
}

/* The type that creates the object: its tag, or the full name of the machine. */
static const char *
type_of(const VtObject *object)
{
    return object == object->vm->machine ? vt_context_machine(object->vm->ctx)->name : object->class->info.tag;
}

static json_object *
properties(const VtObject *object, bool settled)
{
    const VtClassInfo *info = &object->class->info;
    json_object *result = json_object_new_object();

    for (size_t i = 0; i < info->n_props; i++) {
        const VtProp *prop = &info->props[i];
        json_object *value = NULL;

        if (is_shown(object, prop) && vt_object_reports(object, prop, settled)) {
            vt_object_values(object, prop, 0, settled ? NULL : &value, settled ? &value : NULL);
            json_object_object_add(result, prop->name, value);
        }
    }
    return result;
}

/* Adds the objects that definitions inside others created. */
static GHashTable *
inline_objects(const GArray *keys)
{
    GHashTable *set = g_hash_table_new(NULL, NULL);

    for (guint i = 0; i < keys->len; i++) {
        const VtObject *object = g_array_index(keys, VtEntryKey, i).object;

        for (guint j = 0; object->inlines && j < object->inlines->len; j++) {
            g_hash_table_add(set, object->inlines->pdata[j]);
        }
    }
    return set;
}

/* How the object came to be. */
static void
add_creation(json_object *row, const VtObject *object, GHashTable *inlines)
{
    const VtConfig *config = object->config;

    if (object != object->vm->machine) {
        vt_json_add_text(row, "kind", object->class->info.kind);
    }
    if (config->option) {
        vt_json_add_text(row, "option", config->option->name);
        vt_json_add_text(row, "model", config->model);
    }
    if (config->made || g_hash_table_contains(inlines, object)) {
        vt_json_add_bool(row, "made", true);
    }
}

json_object *
vt_vm_effective_config(const VtVm *vm, bool settled)
{
    const VtMachineName *machine = vt_context_machine(vm->ctx);
    uint16_t version = vt_platform_version(vt_context_platform(vm->ctx));
    const char *target = vt_target_name(vt_context_target(vm->ctx));
    json_object *result = json_object_new_object();
    json_object *objects = json_object_new_object();
    g_autoptr(GArray) keys = vt_vm_objects(vm);
    g_autoptr(GHashTable) inlines = inline_objects(keys);

    if (machine) {
        json_object_object_add(result, "machine", json_object_new_string(machine->name));
    }
    if (target) {
        json_object_object_add(result, "target", json_object_new_string(target));
    }
    if (version) {
        const char *name = vt_schema_version_name(vm->schema, VT_AXIS_PLATFORM, version);

        json_object_object_add(result, "platform-version", json_object_new_string(name));
    }
    for (guint i = 0; i < keys->len; i++) {
        const VtEntryKey *key = &g_array_index(keys, VtEntryKey, i);
        json_object *object = json_object_new_object();

        json_object_object_add(object, "type", json_object_new_string(type_of(key->object)));
        add_creation(object, key->object, inlines);
        json_object_object_add(object, "properties", properties(key->object, settled));
        json_object_object_add(objects, key->key, object);
    }
    json_object_object_add(result, "objects", objects);
    return result;
}

/* ---- explain ---------------------------------------------------------------------------------------- */

/* NULL becomes JSON null. */
static void
add_text_or_null(json_object *to, const char *name, const char *text)
{
    json_object_object_add(to, name, text ? json_object_new_string(text) : NULL);
}

static json_object *
explain_prop(const VtObject *object, const VtProp *prop, bool settled)
{
    VtProvenance provenance = vt_object_provenance(object, prop);
    VtOrigin from = settled ? provenance.from : vt_provenance_configured(&provenance);
    json_object *result = json_object_new_object();
    json_object *before, *after;

    vt_object_values(object, prop, VT_OUTPUT_NAMES, &before, &after);
    if (vt_object_reports(object, prop, settled)) {
        json_object_object_add(result, "value", json_object_get(settled ? after : before));
    }
    add_text_or_null(result, "from", vt_origin_name(from));
    if (from == VT_ORIGIN_EXPLICIT) {
        vt_json_add_text(result, "by", vt_object_giver(object, prop));
    }
    if (from == VT_ORIGIN_ABSENT && !provenance.why) {
        provenance.why = text_or_null(prop->layer, prop->cold->absent_means);
    }
    if (from != VT_ORIGIN_EXPLICIT && from != VT_ORIGIN_GLOBAL) {
        add_text_or_null(result, "axis", vt_axis_name(provenance.axis));
        add_text_or_null(result, "since", provenance.since);
        add_text_or_null(result, "why", provenance.why);
    }
    if (before != after && !json_object_equal(before, after)) {
        json_object_object_add(result, "configured", json_object_get(before));
        json_object_object_add(result, "settled", json_object_get(after));
    }
    json_object_put(before);
    json_object_put(after);
    return result;
}

json_object *
vt_object_explain(const VtObject *object, bool settled)
{
    const VtClassInfo *info = &object->class->info;
    json_object *result = json_object_new_object();

    for (size_t i = 0; i < info->n_props; i++) {
        const VtProp *prop = &info->props[i];

        if (is_shown(object, prop)) {
            json_object_object_add(result, prop->name, explain_prop(object, prop, settled));
        }
    }
    return result;
}
