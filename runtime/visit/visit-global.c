/* SPDX-License-Identifier: MIT */
/*
 * -global: the value is decoded when the option is added, and images copy it.
 */
#include <string.h>

#include "resolve/context-private.h"
#include "vt-runtime/error.h"
#include "vt-runtime/input.h"
#include "vt-runtime/names.h"

static bool
unknown(const char *where, const char *what, const char *name, const char *const *names, GError **error)
{
    const char *nearest = vt_nearest(name, names);

    if (nearest) {
        return vt_error_set(error, "%s: %s '%s'; did you mean '%s'?", where, what, name, nearest);
    }
    return vt_error_set(error, "%s: %s '%s'", where, what, name);
}

/* The class of the error: a caller may accept a default that no object has. */
static bool
absent(GError **error)
{
    if (error && *error) {
        (*error)->code = VT_ERROR_DEVICE_NOT_FOUND;
    }
    return false;
}

static bool
unknown_driver(const VtContext *ctx, const char *driver, const char *where, GError **error)
{
    g_autoptr(GArray) names = vt_names_new();
    const VtLayer *layer;
    const VtClass *row;

    for (row = vt_schema_class_from(ctx->schema, 0, &layer); row;
         row = vt_schema_class_from(ctx->schema, row->id + 1, &layer)) {
        vt_names_add(names, vt_class_row_name(ctx->schema, layer, row, vt_context_target(ctx)));
    }
    unknown(where, "unknown class", driver, vt_names_list(names), error);
    return absent(error);
}

static bool
unknown_property(const VtClassInfo *info, const char *property, const char *where, GError **error)
{
    g_autoptr(GArray) names = vt_names_new();
    g_autofree char *what = g_strdup_printf("class '%s' has no member", info->name);

    for (size_t i = 0; i < info->n_props; i++) {
        if (!info->props[i].hidden && !(info->props[i].row->flags & VT_ROW_IF_OFF)) {
            vt_names_add(names, info->props[i].name);
        }
    }
    return unknown(where, what, property, vt_names_list(names), error);
}

bool
vt_context_add_global(VtContext *ctx, const char *driver, const char *property, const char *value, const char *where,
                      bool quiet, GError **error)
{
    const VtClassInfo *info = vt_schema_class(ctx->schema, driver);
    g_autoptr(VtInput) input = NULL;
    const VtProp *prop;
    VtGlobal *global;

    if (ctx->has_images) {
        return vt_error_set(error, "%s: cannot be set after objects were created", where);
    }
    if (!info) {
        return unknown_driver(ctx, driver, where, error);
    }
    if (info->row->targets && ctx->target && !(info->row->targets & ctx->target)) {
        vt_error_set(error, "%s: class '%s' does not exist for target %s", where, driver, vt_target_name(ctx->target));
        return absent(error);
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
    global->used = quiet;
    global->field = g_malloc0(vt_field_size(ctx->schema, prop->layer, prop->row));
    input = vt_input_new_value(value, where);
    if (!vt_input_visit_value(input, ctx->schema, ctx, prop->layer, prop->row, global->field, error)) {
        vt_global_free(global);
        return false;
    }
    g_ptr_array_add(ctx->globals, global);
    return true;
}
