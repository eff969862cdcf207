/* SPDX-License-Identifier: MIT */
#include "vt-runtime/output.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "value/value-private.h"
#include "vt-runtime/codec.h"

/* ---- scalars ----------------------------------------------------------------------------------------- */

/* Returns the number with the fewest digits, of 15 to 17, that read back as the same value. */
static json_object *
output_number(double value)
{
    char text[G_ASCII_DTOSTR_BUF_SIZE];

    for (int digits = 15; digits <= 17; digits++) {
        char format[8];

        g_snprintf(format, sizeof format, "%%.%dg", digits);
        g_ascii_formatd(text, sizeof text, format, value);
        if (g_ascii_strtod(text, NULL) == value) {
            break;
        }
    }
    return json_object_new_double_s(value, text);
}

static json_object *
output_integer(VtKind kind, uint64_t value)
{
    bool is_signed = kind == VT_KIND_INT8 || kind == VT_KIND_INT16 || kind == VT_KIND_INT32 || kind == VT_KIND_INT64;

    return is_signed || value <= INT64_MAX ? json_object_new_int64((int64_t)value) : json_object_new_uint64(value);
}

/* Returns the name of the value of an integer scalar, or its text from the codec; NULL: it has neither, or @flags ask
 * for none. Owned by the caller. */
static char *
scalar_name(const VtSchema *schema, const VtRow *row, uint64_t value, unsigned flags)
{
    const VtLayer *layer = vt_schema_type_layer(schema, row->type);
    uint32_t index = vt_schema_type(schema, row->type)->first;
    const VtScalar *scalar = &layer->scalars[index];
    const VtCodec *codec = layer->codecs ? layer->codecs[index] : NULL;

    for (uint32_t i = 0; i < scalar->n_names; i++) {
        const VtName *name = &layer->names[scalar->first_name + i];

        if ((uint64_t)name->value == value) {
            return flags & VT_OUTPUT_NAMES ? g_strdup(vt_str(layer, name->name)) : NULL;
        }
    }
    return flags & (VT_OUTPUT_NAMES | VT_OUTPUT_CODED) && codec && codec->format ? codec->format((int64_t)value) : NULL;
}

static const char *
enum_name(const VtSchema *schema, const VtRow *row, uint32_t value)
{
    const VtLayer *layer = vt_schema_type_layer(schema, row->type);
    const VtType *type = vt_schema_type(schema, row->type);

    for (unsigned i = 0; i < type->count; i++) {
        if (layer->names[type->first + i].value == value) {
            return vt_str(layer, layer->names[type->first + i].name);
        }
    }
    g_assert_not_reached();
}

static json_object *
output_string(const char *text)
{
    return json_object_new_string(text ? text : "");
}

static json_object *
output_scalar(const VtSchema *schema, const VtLayer *layer, const VtRow *row, const void *field, unsigned flags)
{
    VtKind kind = vt_row_integer_kind(schema, row);
    uint64_t value;

    if (kind == VT_KIND_STR) {
        return output_string(*(char *const *)field);
    }
    value = vt_field_get_uint(schema, layer, row, field);
    if (flags & (VT_OUTPUT_NAMES | VT_OUTPUT_CODED)) {
        g_autofree char *name = scalar_name(schema, row, value, flags);

        if (name) {
            return json_object_new_string(name);
        }
    }
    return output_integer(kind, value);
}

/* ---- structs ----------------------------------------------------------------------------------------- */

/* Returns whether the flags exclude the member, which is deprecated or unstable. */
static bool
is_hidden(const VtSchema *schema, const VtLayer *layer, const VtCold *cold, unsigned flags)
{
    VtLifeStage stage = cold->life && flags & VT_OUTPUT_NO_DEPRECATED
                            ? vt_life_stage(&layer->lives[cold->life], vt_schema_open_version(schema, VT_AXIS_RELEASE))
                            : VT_LIFE_IN_USE;

    return stage == VT_LIFE_DEPRECATED || stage == VT_LIFE_REMOVED ||
           (cold->features & VT_FEATURE_DEPRECATED && flags & VT_OUTPUT_NO_DEPRECATED) ||
           (cold->features & VT_FEATURE_UNSTABLE && flags & VT_OUTPUT_NO_UNSTABLE);
}

static bool
shows_member(const VtSchema *schema, const VtLayer *layer, const VtType *type, const VtRow *row, const void *data,
             unsigned flags)
{
    if (flags & (VT_OUTPUT_NO_DEPRECATED | VT_OUTPUT_NO_UNSTABLE) &&
        is_hidden(schema, layer, &layer->colds[row->cold], flags)) {
        return false;
    }
    if (row->flags & VT_ROW_IF_OFF ||
        (layer->colds[row->cold].features & VT_FEATURE_SENSITIVE && !(flags & VT_OUTPUT_GIVEN))) {
        return false;
    }
    if (flags & VT_OUTPUT_GIVEN) {
        return vt_is_given(data, type->words_offset, row->bit);
    }
    return row->flags & VT_ROW_REQUIRED || vt_is_present(data, type->words_offset, type->words, row->bit);
}

static void
add_members(const VtSchema *schema, uint16_t type_id, const char *data, unsigned flags, json_object *object)
{
    const VtLayer *layer = vt_schema_type_layer(schema, type_id);
    const VtType *type = vt_schema_type(schema, type_id);

    for (unsigned i = 0; i < type->count; i++) {
        const VtRow *row = &layer->rows[type->first + i];

        if (shows_member(schema, layer, type, row, data, flags)) {
            json_object_object_add(object, vt_str(layer, row->name),
                                   vt_output_field(schema, layer, row, data + row->offset, flags));
        }
    }
    if (type->kind == VT_TYPE_UNION) {
        uint16_t branch = vt_union_branch(layer, type, data);

        if (branch) {
            add_members(schema, branch, data + type->union_offset, flags, object);
        }
    }
}

json_object *
vt_output_type(const VtSchema *schema, uint16_t type_id, const void *data, unsigned flags)
{
    const VtLayer *layer = vt_schema_type_layer(schema, type_id);
    const VtType *type = vt_schema_type(schema, type_id);
    const VtRow *row;
    json_object *object;

    switch ((VtTypeKind)type->kind) {
    case VT_TYPE_STRUCT:
    case VT_TYPE_UNION:
        object = json_object_new_object();
        add_members(schema, type_id, data, flags, object);
        return object;
    case VT_TYPE_ALTERNATE:
        row = &layer->rows[type->first + *(const uint32_t *)data];
        return vt_output_field(schema, layer, row, (const char *)data + type->union_offset, flags);
    case VT_TYPE_LIST: {
        VtRow element = layer->rows[type->first];

        element.flags |= VT_ROW_LIST;
        return vt_output_field(schema, layer, &element, data, flags);
    }
    case VT_TYPE_ENUM:
    case VT_TYPE_SCALAR: {
        VtRow one = {.type = type_id, .kind = type->kind == VT_TYPE_ENUM ? VT_KIND_ENUM : VT_KIND_SCALAR};

        return vt_output_field(schema, layer, &one, data, flags);
    }
    case VT_TYPE_NONE:
        break;
    }
    g_assert_not_reached();
}

static void
add_props(const VtConfig *config, uint16_t target, unsigned flags, json_object *object)
{
    const VtClassInfo *info = config->info;

    for (size_t i = 0; i < info->n_props; i++) {
        const VtProp *prop = &info->props[i];
        uint16_t targets = prop->row->flags & VT_ROW_TARGETED ? prop->cold->targets : 0;

        /* The absence of a sensitive member is not secret. */
        bool shown = flags & VT_OUTPUT_GIVEN
                         ? !prop->alias_of && vt_config_given(config, prop)
                         : !(prop->cold->features & VT_FEATURE_SENSITIVE) || !vt_config_present(config, prop);

        if (!prop->hidden && !(prop->row->flags & VT_ROW_IF_OFF) && shown &&
            (!targets || !target || targets & target) &&
            (vt_config_present(config, prop) || (flags & VT_OUTPUT_ABSENT))) {
            json_object_object_add(object, prop->name,
                                   vt_config_present(config, prop)
                                       ? vt_output_field(info->schema, prop->layer, prop->row,
                                                         vt_config_field(config, prop), flags & ~VT_OUTPUT_ABSENT)
                                       : NULL);
        }
    }
}

json_object *
vt_output_config(const VtConfig *config, uint16_t target, unsigned flags)
{
    json_object *object = json_object_new_object();

    add_props(config, target, flags, object);
    return object;
}

/* Returns an inline definition in the form of input. */
static json_object *
output_inline(const VtConfig *config, unsigned flags)
{
    const VtClassInfo *root = config->info->root;
    json_object *object = json_object_new_object();

    json_object_object_add(object, vt_str(root->layer, root->row->tag_name), json_object_new_string(config->info->tag));
    if (config->id) {
        json_object_object_add(object, vt_str(root->layer, root->row->id_name), json_object_new_string(config->id));
    }
    add_props(config, 0, flags, object);
    return object;
}

/* ---- fields ------------------------------------------------------------------------------------------ */

static json_object *
output_one(const VtSchema *schema, const VtLayer *layer, const VtRow *row, const void *field, unsigned flags)
{
    const VtRef *ref = field;

    switch ((VtKind)row->kind) {
    case VT_KIND_BOOL:
        return json_object_new_boolean(*(const bool *)field);
    case VT_KIND_NUMBER:
        return output_number(*(const double *)field);
    case VT_KIND_STR:
        return output_string(*(char *const *)field);
    case VT_KIND_ENUM:
        return json_object_new_string(enum_name(schema, row, *(const uint32_t *)field));
    case VT_KIND_SCALAR:
        return output_scalar(schema, layer, row, field, flags);
    case VT_KIND_STRUCT:
    case VT_KIND_UNION:
    case VT_KIND_ALTERNATE:
        return vt_output_type(schema, row->type, field, flags);
    case VT_KIND_ANY:
        return json_object_get(*(json_object *const *)field);
    case VT_KIND_NULL:
        return NULL;
    case VT_KIND_REF:
        return ref->inline_config ? output_inline(ref->inline_config, flags) : output_string(ref->id);
    case VT_KIND_NONE:
    case VT_KIND_LIST:
        g_assert_not_reached();
    default:
        return output_integer(row->kind, vt_field_get_uint(schema, layer, row, field));
    }
}

json_object *
vt_output_field(const VtSchema *schema, const VtLayer *layer, const VtRow *row, const void *field, unsigned flags)
{
    if (row->flags & VT_ROW_LIST) {
        const VtList *list = field;
        size_t size = vt_row_size(schema, layer, row);
        json_object *array = json_object_new_array_ext((int)MIN(MAX(list->n, 1), 1 << 20));

        for (size_t i = 0; i < list->n; i++) {
            json_object_array_add(array, output_one(schema, layer, row, (const char *)list->v + i * size, flags));
        }
        return array;
    }
    if (row->flags & VT_ROW_BOXED) {
        const void *box = *(void *const *)field;

        return box ? output_one(schema, layer, row, box, flags) : NULL;
    }
    return output_one(schema, layer, row, field, flags);
}

char *
vt_output_text(const VtSchema *schema, const VtLayer *layer, const VtRow *row, const void *field)
{
    json_object *value;
    char *text;

    if (row->kind == VT_KIND_BOOL && !(row->flags & VT_ROW_LIST)) {
        return g_strdup(*(const bool *)field ? "on" : "off");
    }
    value = vt_output_field(schema, layer, row, field, VT_OUTPUT_NAMES);
    text = json_object_is_type(value, json_type_string) ? g_strdup(json_object_get_string(value)) : vt_json_text(value);
    json_object_put(value);
    return text;
}
