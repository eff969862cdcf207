/* SPDX-License-Identifier: MIT */
/*
 * Bus types by name: behaviour, names of address parts, and ancestry.
 */
#include <string.h>

#include "name-index.h"
#include "schema/schema-private.h"

/* A bus type, with its layer; a NULL row: none. */
typedef struct BusType {
    const VtLayer *layer;
    const VtBusType *row;
} BusType;

/* The value of a name is the number of its layer, and 1 + its number in the layer. */
static VtNameIndex *
index_names(const VtSchema *schema)
{
    VtNameIndex *index;
    size_t n = 0;

    for (size_t l = 0; l < schema->n_layers; l++) {
        n += schema->layers[l]->n_bus_types;
    }
    index = vt_name_index_new(n);
    for (size_t l = 0; l < schema->n_layers; l++) {
        const VtLayer *layer = schema->layers[l];

        for (uint32_t i = 0; i < layer->n_bus_types; i++) {
            if (layer->bus_types[i].name) {
                vt_name_index_add(index, vt_str(layer, layer->bus_types[i].name), (uint32_t)l << 16 | (i + 1));
            }
        }
    }
    return index;
}

static BusType
find(const VtSchema *schema, const char *name)
{
    const VtLayer *layer;
    uint32_t value;

    if (!schema->lazy->bus_types) {
        schema->lazy->bus_types = index_names(schema);
    }
    value = vt_name_index_find(schema->lazy->bus_types, name);
    if (!value) {
        return (BusType){NULL, NULL};
    }
    layer = schema->layers[value >> 16];
    return (BusType){layer, &layer->bus_types[(value & 0xffff) - 1]};
}

static BusType
parent_of(const VtSchema *schema, BusType type)
{
    return type.row->parent ? find(schema, vt_str(type.layer, type.row->parent)) : (BusType){NULL, NULL};
}

/* A bus type without ops inherits its parent's. */
const VtBusOps *
vt_schema_bus_ops(const VtSchema *schema, const char *bus_type)
{
    for (BusType type = find(schema, bus_type); type.row; type = parent_of(schema, type)) {
        const VtBusOps *ops = type.layer->bus_ops ? type.layer->bus_ops[type.row - type.layer->bus_types] : NULL;

        if (ops) {
            return ops;
        }
    }
    return NULL;
}

const char *
vt_schema_bus_address(const VtSchema *schema, const char *bus_type, unsigned part)
{
    BusType type = find(schema, bus_type);
    const uint32_t *names;

    while (type.row && !type.row->address) {
        type = parent_of(schema, type);
    }
    if (!type.row) {
        return NULL;
    }
    names = &type.layer->inputs[type.row->address];
    for (unsigned i = 0; i < part; i++) {
        if (!names[i]) {
            return NULL;
        }
    }
    return names[part] ? vt_str(type.layer, names[part]) : NULL;
}

const char *
vt_schema_bus_identity(const VtSchema *schema, const char *bus_type)
{
    BusType type = find(schema, bus_type);

    while (type.row && !type.row->identity) {
        type = parent_of(schema, type);
    }
    return type.row ? vt_str(type.layer, type.row->identity) : NULL;
}

char *
vt_schema_bus_stem(const VtSchema *schema, const char *bus_type)
{
    BusType type = find(schema, bus_type);

    g_assert(type.row);
    return type.row->stem ? g_strdup(vt_str(type.layer, type.row->stem)) : g_ascii_strdown(bus_type, -1);
}

bool
vt_schema_bus_is_a(const VtSchema *schema, const char *bus_type, const char *ancestor)
{
    if (bus_type == ancestor) {
        return true;
    }
    for (BusType type = find(schema, bus_type); type.row; type = parent_of(schema, type)) {
        if (strcmp(vt_str(type.layer, type.row->name), ancestor) == 0) {
            return true;
        }
    }
    return false;
}
