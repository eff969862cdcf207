/* SPDX-License-Identifier: MIT */
/*
 * Values of a frozen file that a user cannot set: internal members, members of embedded children that the embedder
 * hides, and the absence of a value.  They apply once, to the object of the file.  Another object that gets the same id
 * later keeps its own values.
 */
#include "object/frozen-private.h"

#include <string.h>

#include <json-c/json.h>

#include "vt-runtime/error.h"
#include "vt-runtime/input.h"

struct VtFrozen {
    json_object *values;
    char *where;
};

static void
frozen_free(void *opaque)
{
    VtFrozen *frozen = opaque;

    json_object_put(frozen->values);
    g_free(frozen->where);
    g_free(frozen);
}

static char *
key_of(const char *kind, const char *id)
{
    return g_strdup_printf("%s:%s", kind, id ? id : "");
}

void
vt_context_add_frozen(VtContext *ctx, const char *kind, const char *id, json_object *values, const char *where)
{
    VtFrozen *frozen = g_new(VtFrozen, 1);

    if (!ctx->frozen) {
        ctx->frozen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, frozen_free);
    }
    *frozen = (VtFrozen){json_object_get(values), g_strdup(where)};
    g_hash_table_replace(ctx->frozen, key_of(kind, id), frozen);
}

static void
put(void *object)
{
    json_object_put(object);
}

void
vt_context_add_origins(VtContext *ctx, const char *kind, const char *id, json_object *origins)
{
    if (!ctx->origins) {
        ctx->origins = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, put);
    }
    g_hash_table_replace(ctx->origins, key_of(kind, id), json_object_get(origins));
}

json_object *
vt_context_origin(const VtContext *ctx, const VtObject *object, const VtProp *prop)
{
    g_autofree char *key = NULL, *name = NULL;

    if (!ctx->origins) {
        return NULL;
    }
    key = key_of(vt_object_class(object)->kind, vt_object_id(object));
    name = vt_frozen_name(vt_object_class(object), prop);
    return json_object_object_get(g_hash_table_lookup(ctx->origins, key), name);
}

bool
vt_context_check_frozen(const VtContext *ctx, GError **error)
{
    GHashTableIter iter;
    VtFrozen *frozen;

    if (!ctx->frozen) {
        return true;
    }
    g_hash_table_iter_init(&iter, ctx->frozen);
    return !g_hash_table_iter_next(&iter, NULL, (void **)&frozen) ||
           vt_error_set(error, "%s: the file has no such object", frozen->where);
}

char *
vt_frozen_name(const VtClassInfo *info, const VtProp *prop)
{
    return prop->hidden && prop->child ? g_strdup_printf("%s.%s", info->child_names[prop->child - 1], prop->name)
                                       : g_strdup(prop->name);
}

static const VtProp *
find_prop(const VtClassInfo *info, const char *name)
{
    for (size_t i = 0; i < info->n_props; i++) {
        const VtProp *prop = &info->props[i];
        g_autofree char *own = vt_frozen_name(info, prop);

        if (strcmp(own, name) == 0 && !(prop->row->flags & (VT_ROW_IF_OFF | VT_ROW_REQUIRED)) &&
            !(prop->cold->features & VT_FEATURE_READ_ONLY)) {
            return prop;
        }
    }
    return NULL;
}

static bool
lay(VtContext *ctx, VtConfig *config, const VtProp *prop, json_object *value, const char *where, GError **error)
{
    void *field = vt_config_field(config, prop);

    vt_field_clear(ctx->schema, prop->layer, prop->row, field);
    if (value) {
        g_autoptr(VtInput) input = vt_input_new_object(value, where);

        if (!vt_input_visit_value(input, ctx->schema, ctx, prop->layer, prop->row, field, error)) {
            return false;
        }
    }
    *vt_given_word(config->data, prop->words, prop->row->bit) |= UINT64_C(1) << (prop->row->bit % 64);
    vt_config_set_present(config, prop, value != NULL);
    return true;
}

bool
vt_frozen_apply(VtContext *ctx, VtConfig *config, GError **error)
{
    g_autofree char *key = NULL;
    const VtFrozen *frozen;
    bool ok = true;

    if (!ctx->frozen) {
        return true;
    }
    key = key_of(config->info->kind, config->id);
    frozen = g_hash_table_lookup(ctx->frozen, key);
    if (!frozen) {
        return true;
    }
    json_object_object_foreach (frozen->values, name, value) {
        const VtProp *prop = find_prop(config->info, name);
        g_autofree char *where = g_strdup_printf("%s.%s", frozen->where, name);

        ok = ok &&
             (prop || vt_error_set(error, "%s: class '%s' has no such optional member", where, config->info->name));
        ok = ok && lay(ctx, config, prop, value, where, error);
    }
    g_hash_table_remove(ctx->frozen, key);
    return ok;
}
