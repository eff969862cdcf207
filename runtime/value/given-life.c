/* SPDX-License-Identifier: MIT */
/*
 * The lives of the members of a config or struct that the user gave, at any depth.
 */
#include "value/value-private.h"

typedef struct GivenWalk {
    const VtLifeCheck *check;
    const char *where;
    GString *path;
    GError **error;
} GivenWalk;

static bool in_field(const GivenWalk *walk, const VtLayer *layer, const VtRow *row, const void *field);

static bool
check_life(const GivenWalk *walk, const VtLayer *layer, const VtCold *cold)
{
    g_autofree char *member = NULL;

    if (!cold->life && !(cold->features & VT_FEATURE_UNSTABLE)) {
        return true;
    }
    member = g_strdup_printf("member '%s'", walk->path->str);
    if (cold->life &&
        !vt_life_check(walk->check, &layer->lives[cold->life], layer->texts, walk->where, member, walk->error)) {
        return false;
    }
    return !(cold->features & VT_FEATURE_UNSTABLE) ||
           vt_life_check_unstable(walk->check, walk->where, member, walk->error);
}

/* A member of a struct or class, and what is in it. */
static bool
in_member(const GivenWalk *walk, const VtLayer *layer, const VtRow *row, const VtCold *cold, const char *name,
          const void *field)
{
    size_t len = walk->path->len;
    bool ok;

    g_string_append_printf(walk->path, "%s%s", len ? "." : "", name);
    ok = check_life(walk, layer, cold) && in_field(walk, layer, row, field);
    g_string_truncate(walk->path, len);
    return ok;
}

static bool
in_type(const GivenWalk *walk, uint16_t type_id, const char *data)
{
    const VtLayer *layer = vt_schema_type_layer(walk->check->schema, type_id);
    const VtType *type = vt_schema_type(walk->check->schema, type_id);
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
        size_t size = vt_row_size(walk->check->schema, layer, row);

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
vt_config_check_life(const VtConfig *config, const VtLifeCheck *check, const char *where, GError **error)
{
    g_autoptr(GString) path = g_string_new(NULL);
    const GivenWalk walk = {check, where, path, error};

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
vt_struct_check_life(uint16_t type, const void *data, const VtLifeCheck *check, const char *where, GError **error)
{
    g_autoptr(GString) path = g_string_new(NULL);

    return in_type(&(GivenWalk){check, where, path, error}, type, data);
}

bool
vt_field_check_life(const VtLayer *layer, const VtRow *row, const void *field, const VtLifeCheck *check,
                    const char *where, GError **error)
{
    g_autoptr(GString) path = g_string_new(NULL);

    return in_field(&(GivenWalk){check, where, path, error}, layer, row, field);
}
