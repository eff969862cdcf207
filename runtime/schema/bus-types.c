/* SPDX-License-Identifier: MIT */
/*
 * Bus types by name: behaviour, names of address parts, and ancestry.
 */
#include <string.h>

#include "name-index.h"
#include "schema/schema-private.h"

/* A bus type, with its layer. */
typedef struct VtBusTypeAt {
    const VtLayer *layer;
    const VtBusType *row;
} BusType;

static void
build_index(const VtSchema *schema)
{
    VtSchemaLazy *lazy = schema->lazy;
    size_t n = 0;

    for (size_t l = 0; l < schema->n_layers; l++) {
        n += schema->layers[l]->n_bus_types;
    }
    lazy->buses = vt_name_index_new(n);
    lazy->bus_types = g_new(BusType, n);
    n = 0;
    for (size_t l = 0; l < schema->n_layers; l++) {
        const VtLayer *layer = schema->layers[l];

        for (uint32_t i = 0; i < layer->n_bus_types; i++) {
            if (layer->bus_types[i].name) {
                lazy->bus_types[n++] = (BusType){layer, &layer->bus_types[i]};
                vt_name_index_add(lazy->buses, vt_str(layer, layer->bus_types[i].name), (uint32_t)n);
            }
        }
    }
}

static const BusType *
find(const VtSchema *schema, const char *name)
{
    uint32_t number;

    if (!schema->lazy->buses) {
        build_index(schema);
    }
    number = vt_name_index_find(schema->lazy->buses, name);
    return number ? &schema->lazy->bus_types[number - 1] : NULL;
}

static const BusType *
parent_of(const VtSchema *schema, const BusType *type)
{
    return type->row->parent ? find(schema, vt_str(type->layer, type->row->parent)) : NULL;
}

/* A bus type without ops inherits its parent's. */
const VtBusOps *
vt_schema_bus_ops(const VtSchema *schema, const char *bus_type)
{
    for (const BusType *type = find(schema, bus_type); type; type = parent_of(schema, type)) {
        const VtBusOps *ops = type->layer->bus_ops ? type->layer->bus_ops[type->row - type->layer->bus_types] : NULL;

        if (ops) {
            return ops;
        }
    }
    return NULL;
}

const char *
vt_schema_bus_address(const VtSchema *schema, const char *bus_type, unsigned part)
{
    const BusType *type = find(schema, bus_type);
    const uint32_t *names;

    while (type && !type->row->address) {
        type = parent_of(schema, type);
    }
    if (!type) {
        return NULL;
    }
    names = &type->layer->inputs[type->row->address];
    for (unsigned i = 0; i < part; i++) {
        if (!names[i]) {
            return NULL;
        }
    }
    return names[part] ? vt_str(type->layer, names[part]) : NULL;
}

char *
vt_schema_bus_stem(const VtSchema *schema, const char *bus_type)
{
    const BusType *type = find(schema, bus_type);

    return type->row->stem ? g_strdup(vt_str(type->layer, type->row->stem)) : g_ascii_strdown(bus_type, -1);
}

bool
vt_schema_bus_is_a(const VtSchema *schema, const char *bus_type, const char *ancestor)
{
    if (bus_type == ancestor) {
        return true;
    }
    for (const BusType *type = find(schema, bus_type); type; type = parent_of(schema, type)) {
        if (strcmp(vt_str(type->layer, type->row->name), ancestor) == 0) {
            return true;
        }
    }
    return false;
}
