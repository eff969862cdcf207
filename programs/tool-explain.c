/* SPDX-License-Identifier: MIT */
/*
 * vintage explain: the origin of each value.
 */
#include <stdio.h>
#include <string.h>

#include "tool-explain-select.h"
#include "vt-runtime/diff.h"
#include "vt-runtime/error.h"
#include "vt-runtime/json.h"
#include "vt-runtime/output.h"

typedef struct Explain {
    VtVm *vm;
    bool settled, all;
    guint n, left_out; /* of properties */
} Explain;

/* ---- text ---------------------------------------------------------------------------------------------- */

static char *
position_text(const VtProvenance *provenance)
{
    return provenance->file && provenance->file[0] ? g_strdup_printf("%s:%u", provenance->file, provenance->line)
                                                   : NULL;
}

static void
add_row(ToolTable *table, const VtObject *object, const VtProp *prop, bool settled)
{
    VtProvenance provenance = vt_object_provenance(object, prop);
    json_object *configured = NULL, *late = NULL;
    g_autofree char *value = NULL;
    g_autofree char *from = NULL;
    g_autofree char *position = position_text(&provenance);

    vt_object_values(object, prop, VT_OUTPUT_NAMES, &configured, &late);
    value = vt_object_reports(object, prop, settled) && !(settled ? late : configured)
                ? g_strdup("null")
                : tool_value_text(settled ? late : configured);
    /* Shows the value before it was derived, instead of only "derived". */
    if (settled && provenance.from == VT_ORIGIN_DERIVED && !json_object_equal(configured, late)) {
        g_autofree char *before = tool_value_text(configured);

        from = g_strdup_printf("derived from %s", before);
    } else {
        from = g_strdup(vt_origin_name(settled ? provenance.from : vt_provenance_configured(&provenance)));
    }
    tool_table_add(table, (const char *[]){prop->name, value, from, provenance.since, position, provenance.why});
    json_object_put(configured);
    json_object_put(late);
}

/* The row of a default of a class. */
static void
add_class_row(ToolTable *table, const VtContext *ctx, const VtConfig *config, const VtProp *prop)
{
    const VtProvenance provenance = vt_default_provenance(ctx, config, prop);
    json_object *field = NULL;
    g_autofree char *value = NULL, *position = position_text(&provenance);

    if (vt_config_present(config, prop)) {
        field = vt_output_field(config->info->schema, prop->layer, prop->row, vt_config_field(config, prop),
                                VT_OUTPUT_NAMES);
    }
    value = tool_value_text(field);
    tool_table_add(table, (const char *[]){prop->name, value, provenance.since ? vt_axis_name(provenance.axis) : "base",
                                           provenance.since, position, provenance.why});
    json_object_put(field);
}

/* Adds the rows of @selection. */
static void
add_selected(Explain *explain, ToolTable *table, const Selection *selection)
{
    VtContext *ctx = vt_vm_context(explain->vm);
    const VtClassInfo *info = selection->class;
    g_autoptr(VtConfig) defaults = selection->entry ? NULL : vt_config_new(ctx, info);

    for (size_t p = 0; p < info->n_props; p++) {
        const VtProp *prop = &info->props[p];
        bool asked = selection->property && strcmp(selection->property, prop->name) == 0 && !prop->hidden;
        VtProvenance provenance;

        /* A read-only property is not configuration, and is shown only on request. */
        if (selection->property
                ? !asked
                : !vt_prop_is_shown(prop, vt_context_target(ctx)) || prop->cold->features & VT_FEATURE_READ_ONLY) {
            continue;
        }
        provenance = selection->entry ? vt_object_provenance(selection->entry->object, prop)
                                      : vt_default_provenance(ctx, defaults, prop);
        explain->n++;
        if (!asked && !explain->all && selection->entry &&
            (!tool_value_matters(ctx, prop, &provenance) ||
             !vt_object_reports(selection->entry->object, prop, explain->settled))) {
            explain->left_out++;
        } else if (selection->entry) {
            add_row(table, selection->entry->object, prop, explain->settled);
        } else {
            add_class_row(table, ctx, defaults, prop);
        }
    }
}

static void
print_explanations(Explain *explain, GArray *selected)
{
    static const char *const headers[] = {"property", "value", "from", "since", "schema", "why", NULL};

    for (guint i = 0; i < selected->len;) {
        const Selection *first = &g_array_index(selected, Selection, i);
        ToolTable *table = tool_table_new(headers);

        tool_print_heading("%s%s%s", first->entry ? first->entry->key : "", first->entry ? ": " : "",
                           first->class->name);
        /* Consecutive properties of one object share a table. */
        for (; i < selected->len; i++) {
            const Selection *selection = &g_array_index(selected, Selection, i);

            if (selection->entry != first->entry || selection->class != first->class) {
                break;
            }
            add_selected(explain, table, selection);
        }
        tool_table_print(table, 2);
        putchar('\n');
    }
    tool_print_left_out(explain->left_out, explain->n);
}

/* ---- JSON ---------------------------------------------------------------------------------------------- */

/* Adds "file" and "line" of the schema. */
static void
add_position(const VtObject *object, const char *name, json_object *row)
{
    const VtProp *prop = vt_class_prop(vt_object_class(object), name, strlen(name));
    VtProvenance provenance = vt_object_provenance(object, prop);

    if (provenance.file && provenance.file[0]) {
        json_object_object_add(row, "file", json_object_new_string(provenance.file));
        json_object_object_add(row, "line", json_object_new_int64(provenance.line));
    }
}

/* The member @key of @object, an object, which is added if it is not there.  Borrowed. */
static json_object *
member_object(json_object *object, const char *key)
{
    json_object *member = NULL;

    if (!json_object_object_get_ex(object, key, &member)) {
        member = json_object_new_object();
        json_object_object_add(object, key, member);
    }
    return member;
}

static void
add_object_json(const Explain *explain, const Selection *selection, json_object *objects)
{
    json_object *explained = vt_object_explain(selection->entry->object, explain->settled);
    json_object *object = member_object(objects, selection->entry->key), *properties;

    vt_json_add_text(object, "type", selection->class->name);
    properties = member_object(object, "properties");
    json_object_object_foreach (explained, name, value) {
        /* An absent property is shown only on request. */
        if (selection->property ? strcmp(selection->property, name) == 0
                                : json_object_object_get_ex(value, "value", NULL)) {
            add_position(selection->entry->object, name, value);
            json_object_object_add(properties, name, json_object_get(value));
        }
    }
    json_object_put(explained);
}

static void
add_class_json(const Explain *explain, const Selection *selection, json_object *types)
{
    VtContext *ctx = vt_vm_context(explain->vm);
    const VtClassInfo *info = selection->class;
    g_autoptr(VtConfig) defaults = vt_config_new(ctx, info);
    json_object *properties = member_object(member_object(types, info->name), "properties");

    for (size_t p = 0; p < info->n_props; p++) {
        const VtProp *prop = &info->props[p];
        const VtProvenance provenance = vt_default_provenance(ctx, defaults, prop);
        json_object *row;

        if (!vt_prop_is_shown(prop, vt_context_target(ctx)) || !vt_config_present(defaults, prop) ||
            (selection->property && strcmp(selection->property, prop->name) != 0)) {
            continue;
        }
        row = member_object(properties, prop->name);
        json_object_object_add(
            row, "value", vt_output_field(info->schema, prop->layer, prop->row, vt_config_field(defaults, prop), 0));
        vt_json_add_text(row, "from", provenance.since ? vt_axis_name(provenance.axis) : "base");
        if (provenance.since) {
            vt_json_add_text(row, "since", provenance.since);
        }
        if (provenance.why && provenance.why[0]) {
            vt_json_add_text(row, "why", provenance.why);
        }
    }
}

static void
print_explanations_json(const Explain *explain, GArray *selected)
{
    json_object *result = json_object_new_object(), *objects = member_object(result, "objects");

    for (guint i = 0; i < selected->len; i++) {
        const Selection *selection = &g_array_index(selected, Selection, i);

        if (selection->entry) {
            add_object_json(explain, selection, objects);
        } else {
            add_class_json(explain, selection, member_object(result, "types"));
        }
    }
    tool_print_json(result);
}

/* ---- command ------------------------------------------------------------------------------------------- */

int
tool_explain(int argc, char **argv)
{
    Explain explain = {NULL};
    bool json = false;
    const ToolOption own[] = {TOOL_SETTLED(&explain.settled), TOOL_ALL(&explain.all), TOOL_JSON(&json), {NULL}};
    g_auto(ToolVm) one = {{NULL}};
    g_autofree char *machine = NULL;
    g_autoptr(GArray) objects = NULL;
    g_autoptr(GArray) selected = g_array_new(FALSE, FALSE, sizeof(Selection));

    if (!tool_vm_parse(&one, "explain", own, true, argc, argv)) {
        return TOOL_WRONG_USE;
    }
    if (!one.arguments.has_vm && !one.overrides.machine) {
        machine = explain_machine(one.schema, one.arguments.words);
        one.overrides.machine = machine;
    }
    tool_vm_plan(&one);
    if (!one.vm) {
        return tool_failed(one.error);
    }
    explain.vm = one.vm;
    objects = vt_vm_objects(one.vm);
    if (!explain_select(one.vm, objects, one.arguments.words, selected, &one.error)) {
        return tool_failed(one.error);
    }
    if (json) {
        print_explanations_json(&explain, selected);
    } else {
        print_explanations(&explain, selected);
    }
    return TOOL_DONE;
}
