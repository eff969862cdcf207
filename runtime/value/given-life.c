/* SPDX-License-Identifier: MIT */
/*
 * The lives of the members of a config or struct that the user gave, at any depth.
 */
#include "value/value-private.h"

/* The names of members from the inner to the outer one: their text is made for a message only. */
typedef struct GivenPath GivenPath;
struct GivenPath {
    const GivenPath *outer; /* NULL: a member of the config */
    const char *name;
};

typedef struct GivenWalk {
    const VtLifeCheck *check;
    const char *where;
    GError **error;
} GivenWalk;

static bool in_field(const GivenWalk *walk, const GivenPath *path, const VtLayer *layer, const VtRow *row,
                     const void *field);

static char *
path_text(const GivenPath *path)
{
    g_autofree char *outer = path->outer ? path_text(path->outer) : NULL;

    return g_strconcat(outer ? outer : "", outer ? "." : "", path->name, NULL);
}

static bool
check_life(const GivenWalk *walk, const GivenPath *path, const VtLayer *layer, const VtCold *cold)
{
    const VtLife *life = cold->life ? &layer->lives[cold->life] : NULL;
    bool is_unstable = cold->features & VT_FEATURE_UNSTABLE;
    g_autofree char *text = NULL;
    g_autofree char *member = NULL;

    if (!is_unstable && vt_life_passes(walk->check, life)) {
        return true;
    }
    text = path_text(path);
    member = g_strdup_printf("member '%s'", text);
    return vt_life_check(walk->check, life, layer->texts, walk->where, member, walk->error) &&
           (!is_unstable || vt_life_check_unstable(walk->check, walk->where, member, walk->error));
}

/* A member of a struct or class, and what is in it. */
static bool
in_member(const GivenWalk *walk, const GivenPath *outer, const VtLayer *layer, const VtRow *row, const VtCold *cold,
          const char *name, const void *field)
{
    const GivenPath path = {outer, name};

    return check_life(walk, &path, layer, cold) && in_field(walk, &path, layer, row, field);
}

static bool
in_type(const GivenWalk *walk, const GivenPath *path, uint16_t type_id, const char *data)
{
    const VtLayer *layer = vt_schema_type_layer(walk->check->schema, type_id);
    const VtType *type = vt_schema_type(walk->check->schema, type_id);
    uint16_t branch;

    if (type->kind == VT_TYPE_ALTERNATE) {
        uint32_t index = *(const uint32_t *)data;

        return index >= type->count ||
               in_field(walk, path, layer, &layer->rows[type->first + index], data + type->union_offset);
    }
    for (unsigned i = 0; i < type->count; i++) {
        const VtRow *row = &layer->rows[type->first + i];

        if (vt_is_given(data, type->words_offset, row->bit) &&
            !in_member(walk, path, layer, row, &layer->colds[row->cold], vt_str(layer, row->name),
                       data + row->offset)) {
            return false;
        }
    }
    branch = type->kind == VT_TYPE_UNION ? vt_union_branch(layer, type, data) : 0;
    return !branch || in_type(walk, path, branch, data + type->union_offset);
}

static bool
in_one(const GivenWalk *walk, const GivenPath *path, const VtRow *row, const void *field)
{
    bool nests = row->kind == VT_KIND_STRUCT || row->kind == VT_KIND_UNION || row->kind == VT_KIND_ALTERNATE;

    return !nests || in_type(walk, path, row->type, field);
}

static bool
in_field(const GivenWalk *walk, const GivenPath *path, const VtLayer *layer, const VtRow *row, const void *field)
{
    if (row->flags & VT_ROW_LIST) {
        const VtList *list = field;
        size_t size = vt_row_size(walk->check->schema, layer, row);

        for (size_t i = 0; i < list->n; i++) {
            if (!in_one(walk, path, row, (const char *)list->v + i * size)) {
                return false;
            }
        }
        return true;
    }
    if (row->flags & VT_ROW_BOXED) {
        field = *(const void *const *)field;
    }
    return !field || in_one(walk, path, row, field);
}

bool
vt_config_check_life(const VtConfig *config, const VtLifeCheck *check, const char *where, GError **error)
{
    const GivenWalk walk = {check, where, error};

    for (size_t i = 0; i < config->info->n_props; i++) {
        const VtProp *prop = &config->info->props[i];

        if (!prop->alias_of && vt_config_given(config, prop) &&
            !in_member(&walk, NULL, prop->layer, prop->row, prop->cold, prop->name, vt_config_field(config, prop))) {
            return false;
        }
    }
    return true;
}

bool
vt_struct_check_life(uint16_t type, const void *data, const VtLifeCheck *check, const char *where, GError **error)
{
    return in_type(&(GivenWalk){check, where, error}, NULL, type, data);
}

bool
vt_field_check_life(const VtLayer *layer, const VtRow *row, const void *field, const VtLifeCheck *check,
                    const char *where, GError **error)
{
    return in_field(&(GivenWalk){check, where, error}, NULL, layer, row, field);
}
