/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "schema-private.h"
#include "vt-runtime/bus.h"

/* A class can be created by its tag; an abstract one answers to its name, so that the error can say why not. */
static const char *
class_tag(const VtLayer *layer, const VtClass *row)
{
    return vt_str(layer, row->tag ? row->tag : row->name);
}

VtSchema *
vt_schema_new(const VtLayer *const *layers)
{
    VtSchema *schema = g_new0(VtSchema, 1);

    schema->layers = layers;
    for (; layers[schema->n_layers]; schema->n_layers++) {
        const VtLayer *layer = layers[schema->n_layers];

        schema->n_types = MAX(schema->n_types, layer->first_type + layer->n_types);
        schema->n_classes = MAX(schema->n_classes, layer->first_class + layer->n_classes);
    }
    schema->infos = g_new0(VtClassInfo *, schema->n_classes + 1);
    schema->late_types = g_new0(guint8, schema->n_types + 1);
    schema->type_facts = g_new0(guint8, schema->n_types + 1);
    schema->struct_images = g_new0(VtStructImage *, schema->n_types + 1);
    return schema;
}

void
vt_schema_free(VtSchema *schema)
{
    if (!schema) {
        return;
    }
    for (size_t i = 0; i < schema->n_classes; i++) {
        vt_class_info_free(schema->infos[i]);
    }
    for (size_t i = 0; i < schema->n_types; i++) {
        VtStructImage *image = schema->struct_images[i];

        if (image) {
            vt_struct_clear(schema, (uint16_t)i, image->data);
            vt_struct_image_free(image);
        }
    }
    g_clear_pointer(&schema->types, g_hash_table_unref);
    g_clear_pointer(&schema->bus_types, g_hash_table_unref);
    g_free(schema->infos);
    g_free(schema->all);
    g_free(schema->late_types);
    g_free(schema->type_facts);
    g_free(schema->struct_images);
    g_free(schema);
}

const VtLayer *
vt_schema_lowest(const VtSchema *schema)
{
    return schema->layers[0];
}

/* ---- types ------------------------------------------------------------------------------------------ */

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
    if (!schema->types) {
        GHashTable *types = g_hash_table_new(g_str_hash, g_str_equal);

        for (size_t l = 0; l < schema->n_layers; l++) {
            const VtLayer *layer = schema->layers[l];

            for (uint32_t i = 0; i < layer->n_types; i++) {
                if (layer->types[i].name) {
                    g_hash_table_insert(types, (char *)vt_str(layer, layer->types[i].name),
                                        GUINT_TO_POINTER(layer->first_type + i));
                }
            }
        }
        ((VtSchema *)schema)->types = types;
    }
    return (uint16_t)GPOINTER_TO_UINT(g_hash_table_lookup(schema->types, name));
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
    schema->late_types[type] = 1; /* a type that contains itself ends here */
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

size_t
vt_field_size(const VtSchema *schema, const VtLayer *layer, const VtRow *row)
{
    if (row->flags & VT_ROW_LIST) {
        return sizeof(VtList);
    }
    if (row->flags & VT_ROW_BOXED) {
        return sizeof(void *);
    }
    return vt_row_size(schema, layer, row);
}

/* ---- classes ---------------------------------------------------------------------------------------- */

const VtClass *
vt_schema_class_row(const VtSchema *schema, uint16_t id, const VtLayer **ret_layer)
{
    for (size_t l = 0; l < schema->n_layers; l++) {
        const VtLayer *layer = schema->layers[l];

        if (id >= layer->first_class && id - layer->first_class < layer->n_classes) {
            *ret_layer = layer;
            return &layer->classes[id - layer->first_class];
        }
    }
    g_assert_not_reached();
}

const VtClassInfo *
vt_schema_class_by_id(const VtSchema *schema, uint16_t id)
{
    VtClassInfo *info = schema->infos[id];

    if (!info) {
        const VtLayer *layer;
        const VtClass *row = vt_schema_class_row(schema, id, &layer);

        info = vt_class_info_new(schema, layer, row);
        schema->infos[id] = info;
    }
    return info;
}

static bool
exists(const VtClass *row)
{
    return row->name && !(row->flags & VT_CLASS_IF_OFF);
}

/* Tables are searched as they are: what is never asked for costs no start anything. */
const VtClassInfo *
vt_schema_class(const VtSchema *schema, const char *name)
{
    for (size_t l = 0; l < schema->n_layers; l++) {
        const VtLayer *layer = schema->layers[l];

        for (uint32_t low = 0, high = layer->n_classes - 1; low < high;) {
            uint32_t middle = (low + high) / 2;
            const VtClass *row = &layer->classes[layer->class_names[middle]];
            int order = strcmp(vt_str(layer, row->name), name);

            if (order == 0) {
                return exists(row) ? vt_schema_class_by_id(schema, row->id) : NULL;
            }
            low = order < 0 ? middle + 1 : low;
            high = order < 0 ? high : middle;
        }
    }
    return NULL;
}

static int
compare_tags(const VtLayer *layer, const VtClass *row, uint16_t root, const char *tag)
{
    return row->root != root ? (row->root < root ? -1 : 1) : strcmp(class_tag(layer, row), tag);
}

const VtClassInfo *
vt_schema_class_by_tag(const VtSchema *schema, const VtClassInfo *root, const char *tag)
{
    const VtClass *found = NULL;

    for (size_t l = 0; l < schema->n_layers; l++) {
        const VtLayer *layer = schema->layers[l];
        uint32_t low = 0, high = layer->n_classes - 1;

        while (low < high) {
            uint32_t middle = (low + high) / 2;

            if (compare_tags(layer, &layer->classes[layer->class_tags[middle]], root->row->id, tag) < 0) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        for (; low < layer->n_classes - 1; low++) {
            const VtClass *row = &layer->classes[layer->class_tags[low]];

            if (compare_tags(layer, row, root->row->id, tag) != 0) {
                break;
            }
            /* A leaf's tag may be spelled like the name of an abstract class: the leaf is meant. */
            if (exists(row) && (!found || !(row->flags & VT_CLASS_ABSTRACT))) {
                found = row;
            }
        }
    }
    return found ? vt_schema_class_by_id(schema, found->id) : NULL;
}

static bool
is_for(uint16_t targets, uint16_t target)
{
    return !target || (targets & target);
}

/* Few classes have one, and few people use it: they are looked through. */
const VtClassInfo *
vt_schema_class_by_alias(const VtSchema *schema, const VtClassInfo *root, const char *alias, uint16_t target)
{
    for (size_t l = 0; l < schema->n_layers; l++) {
        const VtLayer *layer = schema->layers[l];

        for (uint32_t i = 0; i < layer->n_aliases; i++) {
            const VtAlias *a = &layer->aliases[i];
            const VtClass *row = &layer->classes[a->class_id - layer->first_class];

            if (row->root == root->row->id && is_for(a->targets, target) &&
                strcmp(vt_str(layer, a->name), alias) == 0) {
                return vt_schema_class_by_id(schema, a->class_id);
            }
        }
    }
    return NULL;
}

const VtAlias *
vt_alias_next(const VtLayer *layer, uint16_t class_id, uint16_t target, const VtAlias *before)
{
    /* By index: a layer without aliases has no array that an address could be an offset from. */
    for (uint32_t i = before ? (uint32_t)(before - layer->aliases) + 1 : 0; i < layer->n_aliases; i++) {
        const VtAlias *a = &layer->aliases[i];

        if (a->class_id == class_id && is_for(a->targets, target)) {
            return a;
        }
    }
    return NULL;
}

const VtClass *
vt_schema_class_from(const VtSchema *schema, uint16_t id, const VtLayer **ret_layer)
{
    for (size_t l = 0; l < schema->n_layers; l++) {
        const VtLayer *layer = schema->layers[l];

        for (uint32_t i = MAX(id, layer->first_class) - layer->first_class; i < layer->n_classes; i++) {
            if (exists(&layer->classes[i])) {
                *ret_layer = layer;
                return &layer->classes[i];
            }
        }
    }
    return NULL;
}

const VtClassInfo *const *
vt_schema_classes(const VtSchema *schema)
{
    if (!schema->all) {
        const VtClassInfo **all = g_new0(const VtClassInfo *, schema->n_classes + 1);
        size_t n = 0;

        for (size_t l = 0; l < schema->n_layers; l++) {
            const VtLayer *layer = schema->layers[l];

            for (uint32_t i = 0; i < layer->n_classes; i++) {
                if (layer->classes[i].name && !(layer->classes[i].flags & VT_CLASS_IF_OFF)) {
                    all[n++] = vt_schema_class_by_id(schema, layer->classes[i].id);
                }
            }
        }
        ((VtSchema *)schema)->all = all;
    }
    return schema->all;
}
