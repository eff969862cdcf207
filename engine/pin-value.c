/* SPDX-License-Identifier: MIT */
/*
 * Values in the types of the engine: the schema may have a name where the engine has a number, or an enum where it has
 * a bool.
 */
#include "pin-value.h"

#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#include "vt-runtime/error.h"
#include "vt-runtime/json.h"
#include "vt-runtime/ops.h"
#include "vt-runtime/output.h"

#define INTERNAL_MARK '#'

bool
engine_type_is_number(const char *type)
{
    return g_str_has_prefix(type, "int") || g_str_has_prefix(type, "uint") || strcmp(type, "size") == 0 ||
           strcmp(type, "number") == 0;
}

/* What a text of the command line means for a bool: 1 on, 0 off, -1 neither. */
static int
switch_of(const char *text)
{
    static const char *const words[] = {"off", "on", "no", "yes", "false", "true", "n", "y"};

    for (unsigned i = 0; i < G_N_ELEMENTS(words); i++) {
        if (strcmp(text, words[i]) == 0) {
            return i % 2;
        }
    }
    return -1;
}

json_object *
engine_value_as(json_object *value, const char *type)
{
    bool number = engine_type_is_number(type);

    if (json_object_is_type(value, json_type_string) && strcmp(type, "bool") == 0 &&
        switch_of(json_object_get_string(value)) >= 0) {
        bool on = switch_of(json_object_get_string(value));

        json_object_put(value);
        return json_object_new_boolean(on);
    }
    if (json_object_is_type(value, json_type_boolean) && strcmp(type, "bool") != 0 && !number) {
        const char *word = json_object_get_boolean(value) ? "on" : "off";

        json_object_put(value);
        return json_object_new_string(word);
    }
    if (json_object_is_type(value, json_type_int) && !number) {
        char *text = vt_json_text(value);

        json_object_put(value);
        value = json_object_new_string(text);
        g_free(text);
    }
    return value;
}

json_object *
engine_value(const VtObject *object, const VtProp *prop, const char *type)
{
    json_object *value = NULL;
    bool number = type && engine_type_is_number(type);

    vt_object_values(object, prop, VT_OUTPUT_GIVEN | (number ? 0 : VT_OUTPUT_NAMES), NULL, &value);
    return type ? engine_value_as(value, type) : value;
}

void
engine_value_omit_future(json_object *value, const VtSchema *schema, uint16_t type_id, uint16_t release)
{
    const VtLayer *layer = vt_schema_type_layer(schema, type_id);
    const VtType *type = vt_schema_type(schema, type_id);
    g_autofree char *data = g_malloc0(type->size);

    vt_struct_init(schema, NULL, type_id, data);
    for (unsigned i = 0; i < type->count; i++) {
        const VtRow *row = &layer->rows[type->first + i];
        const VtCold *cold = &layer->colds[row->cold];
        json_object *own = NULL, *usual = NULL;

        if (!cold->life || !cold->timeline || vt_life_stage(&layer->lives[cold->life], release) != VT_LIFE_FUTURE ||
            !json_object_object_get_ex(value, vt_str(layer, row->name), &own)) {
            continue;
        }
        usual = vt_output_field(schema, layer, row, data + row->offset, VT_OUTPUT_NAMES);
        if (json_object_equal(own, usual)) {
            json_object_object_del(value, vt_str(layer, row->name));
        }
        json_object_put(usual);
    }
    vt_struct_clear(schema, type_id, data);
}

bool
engine_value_is(json_object *value, const char *text)
{
    g_autoptr(GError) error = NULL;
    json_object *other = vt_json_parse(text, strlen(text), "default", &error);
    bool same = !error && json_object_equal(value, other);

    json_object_put(other);
    return same;
}

bool
engine_value_reads(json_object *value, const char *text)
{
    switch (json_object_get_type(value)) {
    case json_type_boolean:
        return switch_of(text) == json_object_get_boolean(value);
    case json_type_int: {
        char *end;
        guint64 number = g_ascii_strtoull(text, &end, 0);

        return *text && !*end && number == json_object_get_uint64(value);
    }
    case json_type_string:
        return strcmp(json_object_get_string(value), text) == 0;
    default:
        return false;
    }
}

bool
engine_field_is_auto(const VtSchema *schema, const VtProp *prop, const void *field)
{
    g_autofree char *text = vt_output_text(schema, prop->layer, prop->row, field);

    return text && strcmp(text, "auto") == 0;
}

bool
engine_is_automatic(const VtObject *object, const VtProp *prop)
{
    const VtConfig *config = vt_object_full_config(object);
    VtProvenance provenance = vt_object_provenance(object, prop);
    bool by_default = provenance.was && strcmp(provenance.was, vt_origin_name(VT_ORIGIN_DERIVED)) != 0 &&
                      strcmp(provenance.was, vt_origin_name(VT_ORIGIN_GLOBAL)) != 0;
    VtOrigin from = by_default ? VT_ORIGIN_BASE : provenance.from;

    /* A frozen file has the value of the newest release; the release of the engine has its own. */
    if (g_strcmp0(provenance.was, vt_origin_name(VT_ORIGIN_RELEASE)) == 0) {
        return true;
    }
    return from != VT_ORIGIN_EXPLICIT && from != VT_ORIGIN_GLOBAL && from != VT_ORIGIN_DERIVED &&
           (prop->cold->features & VT_FEATURE_AUTOMATIC ||
            engine_field_is_auto(config->info->schema, prop, vt_config_field(config, prop)));
}

const char *
engine_id(const char *id)
{
    return id + (id[0] == INTERNAL_MARK);
}
