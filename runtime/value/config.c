/* SPDX-License-Identifier: MIT */
#include "vt-runtime/config.h"

#include <string.h>

#include "value/value-private.h"

/* ---- blocks ------------------------------------------------------------------------------------------ */

/* Where the block of the config has its position. */
static char *
own_where(const VtConfig *config)
{
    return (char *)config->data + config->info->row->config_size;
}

static void
free_where(VtConfig *config)
{
    if (config->where != own_where(config)) {
        g_free(config->where);
    }
}

VtConfig *
vt_config_alloc(const VtClassInfo *info, const char *where, size_t len)
{
    VtConfig *config = g_malloc(sizeof(VtConfig) + info->row->config_size + (where ? len + 1 : 0));

    G_STATIC_ASSERT(sizeof(VtConfig) % sizeof(uint64_t) == 0);
    *config = (VtConfig){.info = info, .data = config + 1};
    if (where) {
        config->where = memcpy(own_where(config), where, len);
        config->where[len] = '\0';
    }
    return config;
}

void
vt_config_set_id(VtConfig *config, const char *id, size_t len)
{
    char *copy = len < sizeof config->short_id ? config->short_id : g_malloc(len + 1);

    g_assert(!config->id);
    memcpy(copy, id, len);
    copy[len] = '\0';
    config->id = copy;
}

void
vt_config_set_where(VtConfig *config, char *where)
{
    free_where(config);
    config->where = where;
}

void
vt_config_release_texts(VtConfig *config)
{
    if (config->id != config->short_id) {
        g_free(config->id);
    }
    free_where(config);
    g_free(config->model);
}

/* ---- presence ---------------------------------------------------------------------------------------- */

bool
vt_config_given(const VtConfig *config, const VtProp *prop)
{
    return vt_is_given(config->data, prop->words, prop->row->bit);
}

bool
vt_config_present(const VtConfig *config, const VtProp *prop)
{
    return vt_is_present(config->data, prop->words, prop->n_words, prop->row->bit);
}

void
vt_config_set_present(VtConfig *config, const VtProp *prop, bool present)
{
    uint64_t *word = vt_given_word(config->data, prop->words, prop->row->bit) + prop->n_words;
    uint64_t mask = UINT64_C(1) << (prop->row->bit % 64);

    *word = present ? *word | mask : *word & ~mask;
}

/* ---- references -------------------------------------------------------------------------------------- */

/* The path from the config to a value; formatted only for a callback that uses it. */
typedef struct Step {
    const struct Step *parent;
    const char *name; /* NULL: element @index of a list */
    size_t index;
} Step;

typedef struct Walk {
    VtConfig *config;
    const VtSchema *schema;
    VtRefFunc func;
    void *opaque;
    GError **error;
} Walk;

static void
append_path(GString *path, const Step *step)
{
    if (step->parent) {
        append_path(path, step->parent);
    }
    if (!step->name) {
        g_string_append_printf(path, "[%zu]", step->index);
    } else {
        g_string_append_printf(path, "%s%s", path->len ? "." : "", step->name);
    }
}

static bool walk_field(const Walk *walk, const Step *step, const VtLayer *layer, const VtRow *row, void *field);

static bool
walk_type(const Walk *walk, const Step *step, uint16_t type_id, char *data)
{
    const VtLayer *layer = vt_schema_type_layer(walk->schema, type_id);
    const VtType *type = vt_schema_type(walk->schema, type_id);

    if (type->kind == VT_TYPE_ALTERNATE) {
        uint32_t index = *(uint32_t *)data;

        return index >= type->count ||
               walk_field(walk, step, layer, &layer->rows[type->first + index], data + type->union_offset);
    }
    for (unsigned i = 0; i < type->count; i++) {
        const VtRow *row = &layer->rows[type->first + i];
        Step inner = {.parent = step, .name = vt_str(layer, row->name)};

        if (row->kind >= VT_KIND_STRUCT && !walk_field(walk, &inner, layer, row, data + row->offset)) {
            return false;
        }
    }
    if (type->kind == VT_TYPE_UNION) {
        uint16_t branch = vt_union_branch(layer, type, data);

        return !branch || walk_type(walk, step, branch, data + type->union_offset);
    }
    return true;
}

static bool
walk_one(const Walk *walk, const Step *step, const VtLayer *layer, const VtRow *row, void *field)
{
    if (row->kind == VT_KIND_REF) {
        VtRef *ref = field;
        g_autoptr(GString) path = NULL;

        if (!ref->id && !ref->inline_config) {
            return true;
        }
        path = g_string_new(NULL);
        append_path(path, step);
        return walk->func(walk->config, path->str, layer, row, ref, walk->opaque, walk->error);
    }
    if (row->kind == VT_KIND_STRUCT || row->kind == VT_KIND_UNION || row->kind == VT_KIND_ALTERNATE) {
        return walk_type(walk, step, row->type, field);
    }
    return true;
}

static bool
walk_field(const Walk *walk, const Step *step, const VtLayer *layer, const VtRow *row, void *field)
{
    if (row->flags & VT_ROW_LIST) {
        const VtList *list = field;
        size_t size = vt_row_size(walk->schema, layer, row);

        for (size_t i = 0; i < list->n; i++) {
            Step inner = {.parent = step, .index = i};

            if (!walk_one(walk, &inner, layer, row, (char *)list->v + i * size)) {
                return false;
            }
        }
        return true;
    }
    if (row->flags & VT_ROW_BOXED) {
        return !*(void **)field || walk_one(walk, step, layer, row, *(void **)field);
    }
    return walk_one(walk, step, layer, row, field);
}

static bool
walk_config(const Walk *walk)
{
    VtConfig *config = walk->config;

    for (size_t i = 0; i < config->info->n_props; i++) {
        const VtProp *prop = &config->info->props[i];
        Step step = {.name = prop->name};

        if (prop->row->kind >= VT_KIND_STRUCT && vt_config_present(config, prop) &&
            !walk_field(walk, &step, prop->layer, prop->row, vt_config_field(config, prop))) {
            return false;
        }
    }
    return true;
}

bool
vt_config_each_ref(VtConfig *config, VtRefFunc func, void *opaque, GError **error)
{
    return walk_config(
        &(Walk){.config = config, .schema = config->info->schema, .func = func, .opaque = opaque, .error = error});
}

bool
vt_struct_given(const VtSchema *schema, const char *type_name, const void *data, const char *member)
{
    uint16_t number = vt_schema_find_type(schema, type_name);
    const VtLayer *layer = vt_schema_type_layer(schema, number);
    const VtType *type = vt_schema_type(schema, number);

    for (unsigned i = 0; i < type->count; i++) {
        const VtRow *row = &layer->rows[type->first + i];

        if (strcmp(vt_str(layer, row->name), member) == 0) {
            return vt_is_given(data, type->words_offset, row->bit);
        }
    }
    g_assert_not_reached();
}
