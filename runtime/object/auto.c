/* SPDX-License-Identifier: MIT */
/*
 * What 'auto' means to a guest, where a file or a contract must leave nothing open.
 */
#include <string.h>

#include <json-c/json.h>

#include "object/object-private.h"
#include "value/value-private.h"
#include "vt-runtime/contract.h"
#include "vt-runtime/output.h"

bool
vt_value_says_auto(json_object *value)
{
    return json_object_is_type(value, json_type_string) && strcmp(json_object_get_string(value), "auto") == 0;
}

/* What a backend that the object refers to has as @name: a new reference; NULL: it has no such member, or 'auto'. */
static json_object *
value_of_backend(const VtObject *object, const char *name)
{
    const VtClassInfo *info = &object->class->info;
    json_object *value = NULL;

    for (size_t i = 0; i < info->n_props && !value; i++) {
        const VtProp *prop = &info->props[i];
        const VtRef *ref = prop->row->kind == VT_KIND_REF && !(prop->row->flags & VT_ROW_LIST)
                               ? vt_config_field(object->config, prop)
                               : NULL;

        value = ref && ref->target ? vt_object_member(ref->target, name, VT_OUTPUT_NAMES) : NULL;
        if (vt_value_says_auto(value)) {
            json_object_put(value);
            value = NULL;
        }
    }
    if (json_object_is_type(value, json_type_boolean)) {
        bool on = json_object_get_boolean(value);

        json_object_put(value);
        value = json_object_new_string(on ? "on" : "off");
    }
    return value;
}

/* What 'auto' of the member means: a new reference; NULL: the schema does not say. */
static json_object *
meaning_of_auto(const VtObject *object, const VtProp *prop)
{
    VtContext *ctx = object->vm->ctx;
    const VtSchema *schema = object->vm->schema;
    const VtLayer *layer = prop->layer;
    g_autofree void *field = NULL;
    json_object *value;
    const VtEntry *entry;

    if (!prop->cold->frozen) {
        return NULL;
    }
    value = value_of_backend(object, prop->name);
    entry = value ? NULL : vt_timeline_resolve(ctx, layer, &layer->timelines[prop->cold->frozen], NULL, NULL);
    if (entry) {
        field = g_malloc0(vt_field_size(schema, layer, prop->row));
        vt_entry_settle(schema, ctx, layer, entry, layer, prop->row, field);
        value = vt_output_field(schema, layer, prop->row, field, VT_OUTPUT_NAMES);
        vt_field_clear(schema, layer, prop->row, field);
    }
    return value;
}

bool
vt_object_settle_auto(const VtObject *object, const VtProp *prop, json_object **value)
{
    json_object *meaning = vt_value_says_auto(*value) ? meaning_of_auto(object, prop) : NULL;

    if (!meaning || json_object_equal(meaning, *value)) {
        json_object_put(meaning);
        return false;
    }
    json_object_put(*value);
    *value = meaning;
    return true;
}
