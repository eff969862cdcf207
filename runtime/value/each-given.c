/* SPDX-License-Identifier: MIT */
/*
 * The members of a config or struct that the user gave, at any depth.
 */
#include "value/value-private.h"

typedef struct GivenWalk {
    const VtSchema *schema;
    VtGivenFunc func;
    void *opaque;
    GString *path;
} GivenWalk;

static bool in_field(const GivenWalk *walk, const VtLayer *layer, const VtRow *row, const void *field);

/* A member of a struct or class, and what is in it. */
static bool
in_member(const GivenWalk *walk, const VtLayer *layer, const VtRow *row, const VtCold *cold, const char *name,
          const void *field)
{
    size_t len = walk->path->len;
    bool ok;

    g_string_append_printf(walk->path, "%s%s", len ? "." : "", name);
    ok = walk->func(walk->path->str, layer, cold, walk->opaque) && in_field(walk, layer, row, field);
    g_string_truncate(walk->path, len);
    return ok;
}

static bool
in_type(const GivenWalk *walk, uint16_t type_id, const char *data)
{
    const VtLayer *layer = vt_schema_type_layer(walk->schema, type_id);
    const VtType *type = vt_schema_type(walk->schema, type_id);
    uint16_t branch;

    if (type->kind == VT_TYPE_ALTERNATE) {
        uint32_t index = *(const uint32_t *)data;

        return index >= type->count ||
               in_field(walk, layer, &layer->rows[type->first + index], data + type->union_offset);
    }
    for (unsigned i = 0; i < type->count; i++) {
        const VtRow *row = &layer->rows[type->first + i];

        if (vt_is_given(data, type->words_offset, row->bit) &&
            !in_member(walk, layer, row, &layer->colds[row->cold], vt_str(layer, row->name), data + row->offset)) {
            return false;
        }
    }
    branch = type->kind == VT_TYPE_UNION ? vt_union_branch(layer, type, data) : 0;
    return !branch || in_type(walk, branch, data + type->union_offset);
}

static bool
in_one(const GivenWalk *walk, const VtRow *row, const void *field)
{
    bool nests = row->kind == VT_KIND_STRUCT || row->kind == VT_KIND_UNION || row->kind == VT_KIND_ALTERNATE;

    return !nests || in_type(walk, row->type, field);
}

static bool
in_field(const GivenWalk *walk, const VtLayer *layer, const VtRow *row, const void *field)
{
    if (row->flags & VT_ROW_LIST) {
        const VtList *list = field;
        size_t size = vt_row_size(walk->schema, layer, row);

        for (size_t i = 0; i < list->n; i++) {
            if (!in_one(walk, row, (const char *)list->v + i * size)) {
                return false;
            }
        }
        return true;
    }
    if (row->flags & VT_ROW_BOXED) {
        field = *(const void *const *)field;
    }
    return !field || in_one(walk, row, field);
}

bool
vt_config_each_given(const VtConfig *config, VtGivenFunc func, void *opaque)
{
    g_autoptr(GString) path = g_string_new(NULL);
    const GivenWalk walk = {config->info->schema, func, opaque, path};

    for (size_t i = 0; i < config->info->n_props; i++) {
        const VtProp *prop = &config->info->props[i];

        if (!prop->alias_of && vt_config_given(config, prop) &&
            !in_member(&walk, prop->layer, prop->row, prop->cold, prop->name, vt_config_field(config, prop))) {
            return false;
        }
    }
    return true;
}

bool
vt_field_each_given(const VtSchema *schema, const VtLayer *layer, const VtRow *row, const void *field, VtGivenFunc func,
                    void *opaque)
{
    g_autoptr(GString) path = g_string_new(NULL);

    return in_field(&(GivenWalk){schema, func, opaque, path}, layer, row, field);
}
