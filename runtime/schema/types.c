/* SPDX-License-Identifier: MIT */
/*
 * Types by their number and by name.
 */
#include "name-index.h"
#include "schema/schema-private.h"

const VtLayer *
vt_schema_lowest(const VtSchema *schema)
{
    return schema->layers[0];
}

const char *
vt_schema_hash(const VtSchema *schema)
{
    const char *hash = schema->layers[schema->n_layers - 1]->hash;

    return hash ? hash : "";
}

const VtLayer *
vt_schema_type_layer(const VtSchema *schema, uint16_t type)
{
    for (size_t l = 0; l < schema->n_layers; l++) {
        const VtLayer *layer = schema->layers[l];

        if (type >= layer->first_type && type - layer->first_type < layer->n_types) {
            return layer;
        }
    }
    g_assert_not_reached();
}

const VtType *
vt_schema_type(const VtSchema *schema, uint16_t type)
{
    const VtLayer *layer = vt_schema_type_layer(schema, type);

    return &layer->types[type - layer->first_type];
}

uint16_t
vt_schema_find_type(const VtSchema *schema, const char *name)
{
    if (!schema->lazy->types) {
        VtNameIndex *types = vt_name_index_new(schema->n_types);

        for (size_t l = 0; l < schema->n_layers; l++) {
            const VtLayer *layer = schema->layers[l];

            for (uint32_t i = 0; i < layer->n_types; i++) {
                if (layer->types[i].name) {
                    vt_name_index_add(types, vt_str(layer, layer->types[i].name), layer->first_type + i);
                }
            }
        }
        schema->lazy->types = types;
    }
    return (uint16_t)vt_name_index_find(schema->lazy->types, name);
}

const char *
vt_enum_name(const VtSchema *schema, const char *type, uint32_t value)
{
    uint16_t number = vt_schema_find_type(schema, type);
    const VtLayer *layer = vt_schema_type_layer(schema, number);
    const VtType *found = vt_schema_type(schema, number);

    g_assert(found->kind == VT_TYPE_ENUM && value < found->count);
    return vt_str(layer, layer->names[found->first + value].name);
}

bool
vt_enum_has_name(const VtSchema *schema, const char *type, const char *text)
{
    const VtType *found = vt_schema_type(schema, vt_schema_find_type(schema, type));
    uint32_t value = 0;

    while (value < found->count && strcmp(vt_enum_name(schema, type, value), text) != 0) {
        value++;
    }
    return value < found->count;
}

static bool
row_is_late(const VtSchema *schema, const VtRow *row)
{
    switch (row->kind) {
    case VT_KIND_STRUCT:
    case VT_KIND_UNION:
        return (row->flags & VT_ROW_LATE) || vt_schema_type_is_late(schema, row->type);
    default:
        return row->flags & VT_ROW_LATE;
    }
}

bool
vt_schema_type_is_late(const VtSchema *schema, uint16_t type)
{
    const VtLayer *layer;
    const VtType *t;
    bool late = false;

    if (!type) {
        return false;
    }
    if (schema->late_types[type]) {
        return schema->late_types[type] == 2;
    }
    schema->late_types[type] = 1; /* stops the recursion of a type that contains itself */
    layer = vt_schema_type_layer(schema, type);
    t = vt_schema_type(schema, type);
    if (t->kind == VT_TYPE_STRUCT || t->kind == VT_TYPE_UNION) {
        for (unsigned i = 0; i < t->count; i++) {
            late |= row_is_late(schema, &layer->rows[t->first + i]);
        }
    }
    for (unsigned i = 0; t->kind == VT_TYPE_UNION && i < t->n_branches; i++) {
        late |= vt_schema_type_is_late(schema, layer->branches[t->first_branch + i].type);
    }
    schema->late_types[type] = late ? 2 : 1;
    return late;
}
