/* SPDX-License-Identifier: MIT */
/*
 * -global: values for all objects of a class, of its descendants, and of those that embed it.
 */
#include <string.h>

#include "context-private.h"
#include "vt-runtime/error.h"
#include "vt-runtime/input.h"
#include "vt-runtime/wipe.h"

void
vt_global_free(VtGlobal *global)
{
    vt_wipe_str(global->value);
    g_free(global->where);
    g_free(global);
}

bool
vt_globals_decode(const VtContext *ctx, const VtProp *prop, const char *value, const char *where, void *field,
                  GError **error)
{
    g_autoptr(VtInput) input = vt_input_new_value(value, where);

    return vt_input_visit_value(input, ctx->schema, (VtContext *)ctx, prop->layer, prop->row, field, error);
}

static bool
unknown(const char *where, const char *what, const char *name, const char *const *names, GError **error)
{
    const char *nearest = vt_nearest(name, names);

    if (nearest) {
        return vt_error_set(error, "%s: %s '%s'; did you mean '%s'?", where, what, name, nearest);
    }
    return vt_error_set(error, "%s: %s '%s'", where, what, name);
}

static bool
unknown_driver(const VtContext *ctx, const char *driver, const char *where, GError **error)
{
    g_autoptr(GPtrArray) names = g_ptr_array_new();

    for (const VtClassInfo *const *c = vt_schema_classes(ctx->schema); *c; c++) {
        g_ptr_array_add(names, (char *)(*c)->name);
    }
    g_ptr_array_add(names, NULL);
    return unknown(where, "unknown class", driver, (const char *const *)names->pdata, error);
}

static bool
unknown_property(const VtClassInfo *info, const char *property, const char *where, GError **error)
{
    g_autoptr(GPtrArray) names = g_ptr_array_new();
    g_autofree char *what = g_strdup_printf("class '%s' has no member", info->name);

    for (size_t i = 0; i < info->n_props; i++) {
        if (!info->props[i].hidden && !(info->props[i].row->flags & VT_ROW_IF_OFF)) {
            g_ptr_array_add(names, (char *)info->props[i].name);
        }
    }
    g_ptr_array_add(names, NULL);
    return unknown(where, what, property, (const char *const *)names->pdata, error);
}

static bool
check_value(VtContext *ctx, const VtGlobal *global, GError **error)
{
    const VtProp *prop = global->prop;
    g_autofree void *field = g_malloc0(vt_field_size(ctx->schema, prop->layer, prop->row));

    if (!vt_globals_decode(ctx, prop, global->value, global->where, field, error)) {
        return false;
    }
    vt_field_clear(ctx->schema, prop->layer, prop->row, field);
    return true;
}

bool
vt_context_add_global(VtContext *ctx, const char *driver, const char *property, const char *value, const char *where,
                      GError **error)
{
    const VtClassInfo *info = vt_schema_class(ctx->schema, driver);
    const VtProp *prop;
    VtGlobal *global;

    if (ctx->has_images) {
        return vt_error_set(error, "%s: cannot be set after objects were created", where);
    }
    if (!info) {
        return unknown_driver(ctx, driver, where, error);
    }
    if (info->row->targets && ctx->target && !(info->row->targets & ctx->target)) {
        return vt_error_set(error, "%s: class '%s' does not exist for target %s", where, driver,
                            vt_target_name(ctx->target));
    }
    prop = vt_class_prop(info, property, strlen(property));
    if (prop && prop->cold->targets && ctx->target && !(prop->cold->targets & ctx->target)) {
        return vt_error_set(error, "%s: member '%s' of class '%s' does not exist for target %s", where, property,
                            driver, vt_target_name(ctx->target));
    }
    if (!prop) {
        return unknown_property(info, property, where, error);
    }
    if (prop->cold->features & VT_FEATURES_NO_INPUT) {
        return vt_error_set(error, "%s: member '%s' of class '%s' is %s: it cannot be set", where, property, driver,
                            prop->cold->features & VT_FEATURE_READ_ONLY ? "read-only" : "internal");
    }
    global = g_new0(VtGlobal, 1);
    global->driver = info;
    global->prop = prop;
    global->value = g_strdup(value);
    global->where = g_strdup(where);
    if (!check_value(ctx, global, error)) {
        vt_global_free(global);
        return false;
    }
    g_ptr_array_add(ctx->globals, global);
    return true;
}

/* The offset in the config of @info, which starts at @base, of the member that @global sets there; or -1. */
static int64_t
find_target(const VtClassInfo *info, uint32_t base, const VtGlobal *global)
{
    if (vt_class_is_a(info, global->driver)) {
        const VtProp *prop = global->prop;

        /* A descendant has its ancestor's members at the same place, but its children may have moved. */
        if (prop->child) {
            prop = vt_class_prop(info, prop->name, strlen(prop->name));
        }
        return prop ? (int64_t)base + prop->offset : -1;
    }
    for (size_t i = 0; i < info->n_children; i++) {
        int64_t offset = find_target(info->children[i], base + info->child_bases[i], global);

        if (offset >= 0) {
            return offset;
        }
    }
    return -1;
}

bool
vt_globals_apply(VtContext *ctx, VtImagePrivate *image, GError **error)
{
    const VtClassInfo *info = &image->class->info;

    for (guint i = 0; i < ctx->globals->len; i++) {
        const VtGlobal *global = ctx->globals->pdata[i];
        int64_t offset = find_target(info, 0, global);
        const VtProp *prop = offset < 0 ? NULL : vt_class_prop_at(info, (uint32_t)offset);
        unsigned bit;

        if (!prop) {
            continue;
        }
        vt_field_clear(ctx->schema, prop->layer, prop->row, (char *)image->data + prop->offset);
        if (!vt_globals_decode(ctx, prop, global->value, global->where, (char *)image->data + prop->offset, error)) {
            return false;
        }
        bit = prop->row->bit;
        vt_given_word(image->data, prop->words, bit)[prop->n_words] |= UINT64_C(1) << (bit % 64);
        image->global[vt_prop_index(info, prop)] = 1;
        image->entries[vt_prop_index(info, prop)] = NULL;
    }
    return true;
}
