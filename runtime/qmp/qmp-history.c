/* SPDX-License-Identifier: MIT */
/*
 * query-default-history.
 */
#include <string.h>

#include <json-c/json.h>

#include "qmp-context.h"
#include "schema/qom-type.h"
#include "vt-gen/runtime.h"
#include "vt-runtime/error.h"
#include "vt-runtime/history.h"
#include "vt-runtime/json.h"
#include "vt-runtime/names.h"

static json_object *
describe_entry(const VtContext *ctx, const VtProp *prop, const VtHistoryRow *row, bool in_force)
{
    const VtLayer *lowest = vt_schema_lowest(vt_context_schema(ctx));
    json_object *entry = json_object_new_object(), *needs = json_object_new_array();

    vt_json_add_text(entry, "axis", vt_axis_name(row->axis));
    vt_json_add_text(entry, "since", row->since);
    vt_json_add_text(entry, "release", row->release);
    if (!(row->entry->flags & VT_ENTRY_ABSENT)) {
        json_object_object_add(entry, "value", vt_entry_value(ctx, prop, row->entry));
    }
    vt_json_add_text(entry, "family", row->family);
    vt_json_add_text(entry, "accel", row->accel);
    if (row->targets) {
        json_object *targets = json_object_new_array();

        for (unsigned bit = 0; bit < VT_N_TARGETS; bit++) {
            if (row->targets & (1u << bit)) {
                json_object_array_add(targets, json_object_new_string(vt_target_name((uint16_t)(1u << bit))));
            }
        }
        json_object_object_add(entry, "targets", targets);
    }
    for (const uint16_t *need = row->needs; *need; need++) {
        json_object_array_add(needs, json_object_new_string(vt_str(lowest, lowest->features[*need].name)));
    }
    json_object_object_add(entry, "needs", needs);
    vt_json_add_bool(entry, "in-force", in_force);
    vt_json_add_text(entry, "why", row->why);
    vt_json_add_text(entry, "file", row->file);
    if (row->line) {
        json_object_object_add(entry, "line", json_object_new_int64(row->line));
    }
    return entry;
}

static void
add_span(json_object *to, const char *name, const VtSchema *schema, const uint8_t span[2])
{
    g_autofree char *text = vt_life_span_text(schema, span);

    vt_json_add_text(to, name, text);
}

static json_object *
history_of(const VtContext *ctx, const VtProp *prop)
{
    const VtSchema *schema = vt_context_schema(ctx);
    const VtLife *own = vt_prop_life(prop), *life = own ? own : vt_class_life(prop->owner);
    const VtEntry *current =
        prop->timeline ? vt_timeline_resolve(ctx, prop->default_layer, prop->timeline, NULL, NULL) : NULL;
    json_object *history = json_object_new_object(), *entries = json_object_new_array();

    vt_json_add_text(history, "type", prop->owner->name);
    if (life) {
        add_span(history, "introduced", schema, life->introduced);
        add_span(history, "deprecated", schema, life->deprecated);
        add_span(history, "removed", schema, life->removed);
    }
    if (prop->cold->added) {
        vt_json_add_text(history, "added", vt_schema_version_name(schema, VT_AXIS_MACHINE, prop->cold->added));
    }
    for (unsigned i = 0; i < vt_history_length(prop); i++) {
        VtHistoryRow row = vt_history_row(schema, prop, i);

        json_object_array_add(entries, describe_entry(ctx, prop, &row, current && row.entry == current));
    }
    json_object_object_add(history, "entries", entries);
    return history;
}

/* @name: of a class, or of its type in QOM. */
static const VtProp *
find_member(const VtContext *ctx, const char *name, const char *member, GError **error)
{
    const VtSchema *schema = vt_context_schema(ctx);
    const VtClassInfo *info = vt_schema_class(schema, name);
    g_autoptr(GArray) names = NULL;
    const char *nearest;
    const VtProp *prop;
    VtQomType type;

    if (!info && vt_qom_find_type(schema, name, vt_context_target(ctx), &type) && type.class) {
        info = vt_schema_class_by_id(schema, type.class->id);
    }
    if (!info) {
        vt_error_set(error, "type: there is no type '%s'", name);
        return NULL;
    }
    prop = vt_class_prop(info, member, strlen(member));
    if (prop && !prop->hidden) {
        return prop;
    }
    names = vt_names_new();
    for (size_t i = 0; i < info->n_props; i++) {
        if (!info->props[i].hidden) {
            vt_names_add(names, info->props[i].name);
        }
    }
    nearest = vt_nearest(member, vt_names_list(names));
    vt_error_set(error, "property: type '%s' has no property '%s'%s%s%s", name, member,
                 nearest ? "; did you mean '" : "", nearest ? nearest : "", nearest ? "'?" : "");
    return NULL;
}

bool
vt_qmp_query_default_history(VtMonitor *monitor, const VtQObjQueryDefaultHistoryArg *arg, VtDefaultHistory *ret,
                             GError **error)
{
    const VtOverrides overrides = {.machine = arg->machine, .platform_version = arg->platform_version};
    bool other = arg->machine || arg->platform_version;
    g_autoptr(VtContext) own = other ? vt_monitor_context(monitor, &overrides, error) : NULL;
    const VtContext *ctx = other ? own : vt_vm_context(vt_monitor_service(monitor)->vm);
    const VtProp *prop = ctx ? find_member(ctx, arg->type, arg->property, error) : NULL;

    (void)ret;
    if (!prop) {
        return false;
    }
    vt_monitor_answer(monitor, history_of(ctx, prop));
    return true;
}
