/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "name-index.h"
#include "schema/schema-private.h"

/* Returns the tag that creates the class. An abstract class has its name as tag, so that an error can name it. */
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
    schema->lazy = g_new0(VtSchemaLazy, 1);
    schema->infos = g_new0(VtClassInfo *, schema->n_classes + 1);
    schema->late_types = g_new0(guint8, schema->n_types + 1);
    schema->type_facts = g_new0(guint8, schema->n_types + 1);
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
    vt_name_index_free(schema->lazy->types);
    vt_name_index_free(schema->lazy->bus_types);
    g_free(schema->infos);
    g_free(schema->lazy->all);
    g_clear_pointer(&schema->lazy->spellings, g_string_chunk_free);
    g_clear_pointer(&schema->lazy->texts, g_string_chunk_free);
    g_clear_pointer(&schema->lazy->vendors, g_ptr_array_unref);
    g_clear_pointer(&schema->lazy->platforms, g_hash_table_unref);
    g_free(schema->lazy);
    g_free(schema->late_types);
    g_free(schema->type_facts);
    g_free(schema);
}

/* ---- classes ---------------------------------------------------------------------------------------- */

static bool
exists(const VtClass *row)
{
    return row->name && !(row->flags & VT_CLASS_IF_OFF);
}

/* Searches the tables directly: an index would cost time at startup. */
const VtClass *
vt_schema_class_find(const VtSchema *schema, const char *name, const VtLayer **ret_layer)
{
    for (size_t l = 0; l < schema->n_layers; l++) {
        const VtLayer *layer = schema->layers[l];

        for (uint32_t low = 0, high = layer->n_classes - 1; low < high;) {
            uint32_t middle = (low + high) / 2;
            const VtClass *row = &layer->classes[layer->class_names[middle]];
            int order = strcmp(vt_str(layer, row->name), name);

            if (order == 0) {
                *ret_layer = layer;
                return exists(row) ? row : NULL;
            }
            low = order < 0 ? middle + 1 : low;
            high = order < 0 ? high : middle;
        }
    }
    return NULL;
}

/* Returns the class with the name @name on the current target, which differs from that of the tables; or NULL. */
static const VtClass *
find_suffixed(const VtSchema *schema, const char *name)
{
    char other[VT_CLASS_NAME_MAX];

    for (size_t l = 0; l < schema->n_layers; l++) {
        for (unsigned bit = 0; bit < VT_N_TARGETS; bit++) {
            const VtLayer *layer;
            const VtClass *row = vt_class_name_on(schema->layers[l], name, bit, other)
                                     ? vt_schema_class_find(schema, other, &layer)
                                     : NULL;

            if (row && vt_class_row_is_called(schema, layer, row, name)) {
                return row;
            }
        }
    }
    return NULL;
}

static const VtClassInfo *
search_name(const VtSchema *schema, const char *name)
{
    const VtLayer *layer;
    const VtClass *row = vt_schema_class_find(schema, name, &layer);

    if (!row || !vt_class_row_is_called(schema, layer, row, name)) {
        row = find_suffixed(schema, name);
    }
    return row ? vt_schema_class_by_id(schema, row->id) : NULL;
}

const VtClassInfo *
vt_schema_class(const VtSchema *schema, const char *name)
{
    /* The references of many objects name a few classes in turn. */
    const VtClassInfo **slot = &schema->lazy->named[vt_name_hash(name, strlen(name)) % VT_NAMED_SLOTS];

    if (!*slot || strcmp((*slot)->name, name) != 0) {
        *slot = search_name(schema, name);
    }
    return *slot;
}

const char *
vt_schema_spelled(const VtSchema *schema, const char *name)
{
    const VtLayer *layer;
    const VtClass *row = vt_schema_class_find(schema, name, &layer);

    return row ? vt_class_row_name(schema, layer, row, schema->lazy->target) : name;
}

void
vt_schema_set_target(const VtSchema *schema, uint16_t target)
{
    schema->lazy->target = target;
    memset(schema->lazy->named, 0, sizeof schema->lazy->named);
    schema->lazy->last_tagged = NULL;
    for (size_t i = 0; schema->lazy->has_suffixed && i < schema->n_classes; i++) {
        VtClassInfo *info = schema->infos[i];

        if (info && info->row->flags & VT_CLASS_SUFFIXED) {
            info->name = vt_class_row_name(schema, info->layer, info->row, target);
            info->tag = info->row->tag ? info->tag : info->name;
        }
    }
}

static int
compare_tags(const VtLayer *layer, const VtClass *row, uint16_t root, const char *tag)
{
    return row->root != root ? (row->root < root ? -1 : 1) : strcmp(class_tag(layer, row), tag);
}

static const VtClassInfo *
search_tag(const VtSchema *schema, const VtClassInfo *root, const char *tag)
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
            /* The tag of a leaf class can equal the name of an abstract class; the leaf wins. */
            if (exists(row) && (!found || !(row->flags & VT_CLASS_ABSTRACT)) &&
                (row->tag || vt_class_row_is_called(schema, layer, row, tag))) {
                found = row;
            }
        }
    }
    if (!found) {
        found = find_suffixed(schema, tag);
        found = found && found->root == root->row->id ? found : NULL;
    }
    return found ? vt_schema_class_by_id(schema, found->id) : NULL;
}

const VtClassInfo *
vt_schema_class_by_tag(const VtSchema *schema, const VtClassInfo *root, const char *tag)
{
    VtSchemaLazy *lazy = schema->lazy;

    if (!lazy->last_tagged || lazy->last_root != root || strcmp(lazy->last_tagged->tag, tag) != 0) {
        lazy->last_root = root;
        lazy->last_tagged = search_tag(schema, root, tag);
    }
    return lazy->last_tagged;
}

const char *
vt_class_row_tag(const VtSchema *schema, const VtLayer *layer, const VtClass *row)
{
    return row->tag ? vt_str(layer, row->tag) : vt_class_row_name(schema, layer, row, schema->lazy->target);
}

static bool
is_for(uint16_t targets, uint16_t target)
{
    return !target || (targets & target);
}

/* A linear search: few classes have an alias. */
const VtClassInfo *
vt_schema_class_by_alias(const VtSchema *schema, const VtClassInfo *root, const char *alias, uint16_t target)
{
    for (size_t l = 0; l < schema->n_layers; l++) {
        const VtLayer *layer = schema->layers[l];

        for (uint32_t i = 0; i < layer->n_aliases; i++) {
            const VtAlias *a = &layer->aliases[i];
            const VtClass *row = &layer->classes[a->class_id - layer->first_class];

            if (row->root == root->row->id && is_for(a->targets, target) &&
                strcmp(vt_alias_name(schema, layer, a, target), alias) == 0) {
                return vt_schema_class_by_id(schema, a->class_id);
            }
        }
    }
    return NULL;
}

const VtAlias *
vt_alias_next(const VtLayer *layer, uint16_t class_id, uint16_t target, const VtAlias *before)
{
    /* Use an index: VtLayer.aliases is NULL in a layer without aliases. */
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
    if (!schema->lazy->all) {
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
        schema->lazy->all = all;
    }
    return schema->lazy->all;
}
