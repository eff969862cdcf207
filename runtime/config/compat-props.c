/* SPDX-License-Identifier: MIT */
/*
 * In which defaults one machine version differs from another, as clients ask for it.
 */
#include <json-c/json.h>

#include "context-private.h"
#include "schema/schema-private.h"
#include "vt-runtime/output.h"

/* The entry's value as a command line would write it; absence is an empty text. */
static char *
entry_text(const VtContext *ctx, const VtProp *prop, const VtEntry *entry)
{
    size_t size = vt_field_size(ctx->schema, prop->layer, prop->row);
    g_autofree void *field = g_malloc0(size);
    char *text = NULL;
    bool present = false;

    if (entry &&
        vt_entry_settle(ctx->schema, ctx, prop->default_layer, entry, prop->layer, prop->row, field, &present, NULL)) {
        text = present ? vt_output_text(ctx->schema, prop->layer, prop->row, field) : NULL;
        vt_field_clear(ctx->schema, prop->layer, prop->row, field);
    }
    return text ? text : g_strdup("");
}

static void
add_differences(const VtContext *ctx, const VtContext *newest, const VtClassInfo *info, json_object *list)
{
    for (size_t i = 0; i < info->n_props; i++) {
        const VtProp *prop = &info->props[i];
        g_autofree char *ours = NULL;
        g_autofree char *theirs = NULL;
        const VtEntry *entry, *other;
        json_object *row;

        if (!prop->timeline || prop->timeline->axis != VT_AXIS_MACHINE || prop->hidden) {
            continue;
        }
        entry = vt_timeline_resolve(ctx, prop->default_layer, prop->timeline, NULL, NULL);
        other = vt_timeline_resolve(newest, prop->default_layer, prop->timeline, NULL, NULL);
        if (entry == other) {
            continue;
        }
        ours = entry_text(ctx, prop, entry);
        theirs = entry_text(newest, prop, other);
        if (strcmp(ours, theirs) != 0) {
            row = json_object_new_object();
            json_object_object_add(row, "qom-type", json_object_new_string(info->name));
            json_object_object_add(row, "property", json_object_new_string(prop->name));
            json_object_object_add(row, "value", json_object_new_string(ours));
            json_object_array_add(list, row);
        }
    }
}

json_object *
vt_context_compat_props(const VtContext *ctx, const VtContext *newest)
{
    json_object *list = json_object_new_array();

    for (const VtClassInfo *const *info = vt_schema_classes(ctx->schema); *info; info++) {
        bool exists = !(*info)->row->targets || ((*info)->row->targets & ctx->target);

        if (exists && !vt_class_is_abstract(*info) && !vt_class_is_machine(*info)) {
            add_differences(ctx, newest, *info, list);
        }
    }
    return list;
}
