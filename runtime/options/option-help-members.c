/* SPDX-License-Identifier: MIT */
/*
 * Help texts: their lines, and the members of classes and structs.
 */
#include "option-help.h"

#include <string.h>

#include "options-private.h"
#include "schema/type-name.h"
#include "vt-runtime/output.h"

#define DOC_COLUMN 34

void
vt_help_append_line(GString *text, const char *left, const char *doc)
{
    size_t start = text->len;

    g_string_append_printf(text, "  %s", left);
    if (doc && doc[0]) {
        if (text->len - start >= DOC_COLUMN) {
            g_string_append_c(text, '\n');
            start = text->len;
        }
        while (text->len - start < DOC_COLUMN) {
            g_string_append_c(text, ' ');
        }
        g_string_append(text, doc);
    }
    g_string_append_c(text, '\n');
}

VtLifeStage
vt_help_stage(const VtSchema *schema, const VtLife *life)
{
    return vt_life_stage(life, vt_schema_open_version(schema, VT_AXIS_RELEASE));
}

char *
vt_help_marked(const char *doc, VtLifeStage stage)
{
    const char *mark = stage == VT_LIFE_DEPRECATED ? " (deprecated)" : stage == VT_LIFE_REMOVED ? " (removed)" : "";

    return g_strconcat(doc, mark, NULL);
}

/* ---- members ------------------------------------------------------------------------------------------- */

/* A context for defaults of @versions.  Without a machine: one of no versions, which has the newest defaults. */
static VtContext *
help_context(const VtSchema *schema, const VtHelpVersions *versions, uint16_t target)
{
    const VtMachineName *name = versions->machine;
    VtMachineName any = {NULL, vt_schema_open_version(schema, VT_AXIS_MACHINE), NULL};
    VtPlatform *platform = vt_platform_new(schema, versions->platform, NULL, NULL);
    VtContext *ctx;

    if (!name) {
        for (const VtClassInfo *const *info = vt_schema_classes(schema); *info; info++) {
            if ((*info)->machine && !vt_class_is_abstract(*info) && (!any.family || !(*info)->machine->from)) {
                any.family = *info;
            }
        }
        any.name = any.family ? g_strdup(any.family->tag) : NULL;
        name = any.family ? &any : NULL;
    }
    ctx = vt_context_new(schema, platform, name, target, NULL);
    vt_machine_name_clear(&any);
    return ctx;
}

static void
append_short(const char *key, const char *member, const char *otherwise, void *text)
{
    g_autofree char *left = g_strdup_printf("%s=", key);
    g_autofree char *right = !*member     ? g_strdup("- on: an additional object of this id")
                             : !otherwise ? g_strdup_printf("- %s", member)
                                          : g_strdup_printf("- %s (%s without it)", member, otherwise);

    vt_help_append_line(text, left, right);
}

/* Appends short-form keys, which JSON syntax does not support. */
static void
append_shorts(GString *text, const VtClassInfo *info)
{
    size_t before = text->len, empty;

    g_string_append(text, "short forms in key=value text:\n");
    empty = text->len;
    vt_option_each_short(info, append_short, text);
    if (text->len == empty) {
        g_string_truncate(text, before);
    }
}

/* ---- values and defaults ------------------------------------------------------------------------------- */

static void
append_range(GString *text, const VtLayer *layer, uint16_t number)
{
    const VtRange *range = &layer->ranges[number];

    g_string_append_printf(text, "%" G_GINT64_FORMAT "..%" G_GUINT64_FORMAT, range->min, range->max);
}

/* Appends the values that the member may have, as " [off|on|auto]" or " [1..1024]", if these are known. */
static void
append_values(GString *text, const VtSchema *schema, const VtLayer *layer, const VtRow *row)
{
    const VtCold *cold = &layer->colds[row->cold];
    const VtLayer *home = row->type ? vt_schema_type_layer(schema, row->type) : NULL;
    const VtType *type = row->type ? vt_schema_type(schema, row->type) : NULL;
    const VtScalar *scalar = type && row->kind == VT_KIND_SCALAR ? &home->scalars[type->first] : NULL;
    unsigned n = scalar ? scalar->n_names : type && row->kind == VT_KIND_ENUM ? type->count : 0;
    const VtName *names = n ? &home->names[scalar ? scalar->first_name : type->first] : NULL;
    g_autoptr(GString) values = g_string_new(NULL);

    for (unsigned i = 0; i < n; i++) {
        if (!(names[i].flags & VT_ROW_IF_OFF)) {
            g_string_append_printf(values, "%s%s", values->len ? "|" : "", vt_str(home, names[i].name));
        }
    }
    if (cold->range || (scalar && scalar->range)) {
        g_string_append(values, values->len ? "|" : "");
        append_range(values, cold->range ? layer : home, cold->range ? cold->range : scalar->range);
    } else if (values->len && scalar && (scalar->accepts & VT_ACCEPTS_INT)) {
        g_string_append(values, "|NUMBER");
    }
    if (values->len) {
        g_string_append_printf(text, " [%s]", values->str);
    }
}

/* Appends since when the default applies, and what it is before and after: ", since machine 5.2; 1 before". */
static void
append_changes(GString *text, const VtContext *ctx, const VtProp *prop)
{
    const VtTimeline *timeline = prop->timeline;
    const VtLayer *layer = prop->default_layer;
    const VtSchema *schema = vt_context_schema(ctx);
    const VtEntry *entry = timeline ? vt_timeline_resolve(ctx, layer, timeline, NULL, NULL) : NULL;
    const VtEntry *first = timeline ? &layer->entries[timeline->first] : NULL;
    const char *since = entry ? vt_entry_since(schema, timeline, entry) : NULL;

    if (since) {
        g_string_append_printf(text, ", since %s %s", vt_axis_name(vt_entry_axis(timeline, entry)), since);
    }
    if (entry && entry > first && entry[-1].scope == entry->scope) {
        g_autofree char *value = vt_entry_text(ctx, prop, entry - 1);

        g_string_append_printf(text, "; %s before", value ? value : "absent");
    }
    if (entry && entry + 1 < first + timeline->count && entry[1].scope == entry->scope) {
        g_autofree char *value = vt_entry_text(ctx, prop, entry + 1);

        g_string_append_printf(text, "; %s since %s %s", value ? value : "absent",
                               vt_axis_name(vt_entry_axis(timeline, entry + 1)),
                               vt_entry_since(schema, timeline, entry + 1));
    }
}

/* ---- texts --------------------------------------------------------------------------------------------- */

char *
vt_help_members(const VtSchema *schema, const VtClassInfo *info, const VtMachineName *machine,
                const VtHelpVersions *versions, uint16_t target)
{
    g_autoptr(VtContext) ctx = help_context(schema, versions, target);
    g_autoptr(VtConfig) config = vt_config_new(ctx, info);
    GString *text = g_string_new(NULL);

    g_string_append_printf(text, "%s options:\n",
                           machine          ? machine->name
                           : info->row->tag ? info->tag
                                            : vt_class_row_name(schema, info->layer, info->row, target));
    for (size_t i = 0; i < info->n_props; i++) {
        const VtProp *prop = &info->props[i];
        VtLifeStage stage = vt_help_stage(schema, vt_prop_life(prop));
        g_autofree char *doc = vt_help_marked(vt_text(prop->layer->texts, prop->cold->doc), stage);
        const char *absent = vt_text(prop->layer->texts, prop->cold->absent_means);
        g_autofree char *type = vt_row_type_name(schema, prop->layer, prop->row);
        g_autofree char *left = g_strdup_printf("%s=<%s>", prop->name, type);
        g_autoptr(GString) right = g_string_new("- ");

        if (prop->hidden || (prop->row->flags & VT_ROW_IF_OFF) || (prop->cold->features & VT_FEATURES_NO_INPUT) ||
            (prop->cold->targets && target && !(prop->cold->targets & target))) {
            continue;
        }
        g_string_append(right, doc);
        append_values(right, schema, prop->layer, prop->row);
        if (vt_config_present(config, prop)) {
            g_autofree char *value = vt_output_text(schema, prop->layer, prop->row, vt_config_field(config, prop));

            g_string_append_printf(right, " (default: %s", value);
            append_changes(right, ctx, prop);
            g_string_append_c(right, ')');
        } else if (absent[0]) {
            g_string_append_printf(right, " (default: %s", absent);
            append_changes(right, ctx, prop);
            g_string_append_c(right, ')');
        } else if (prop->row->flags & VT_ROW_REQUIRED) {
            g_string_append(right, " (required)");
        }
        vt_help_append_line(text, left, right->str);
    }
    append_shorts(text, info);
    return g_string_free(text, FALSE);
}

void
vt_help_append_names(GString *text, const VtSchema *schema, uint16_t number)
{
    const VtLayer *layer = vt_schema_type_layer(schema, number);
    const VtType *type = vt_schema_type(schema, number);
    const VtScalar *scalar = type->kind == VT_TYPE_SCALAR ? &layer->scalars[type->first] : NULL;
    const VtName *names = &layer->names[scalar ? scalar->first_name : type->first];

    for (unsigned i = 0; i < (scalar ? scalar->n_names : type->count); i++) {
        if (!(names[i].flags & VT_ROW_IF_OFF)) {
            vt_help_append_line(text, vt_str(layer, names[i].name), vt_text(layer->texts, names[i].doc));
        }
    }
}

static void
append_struct_default(GString *text, const VtContext *ctx, const VtLayer *layer, const VtRow *row)
{
    const VtCold *cold = &layer->colds[row->cold];
    const char *absent = vt_text(layer->texts, cold->absent_means);
    const VtProp prop = {.layer = layer, .row = row, .cold = cold, .default_layer = layer};
    const VtTimeline *timeline = cold->timeline ? &layer->timelines[cold->timeline] : NULL;
    const VtEntry *entry = timeline ? vt_timeline_resolve(ctx, layer, timeline, NULL, NULL) : NULL;
    g_autofree char *value = entry ? vt_entry_text(ctx, &prop, entry) : NULL;

    if (value || absent[0]) {
        g_string_append_printf(text, " (default: %s)", value ? value : absent);
    } else if (row->flags & VT_ROW_REQUIRED) {
        g_string_append(text, " (required)");
    }
}

char *
vt_help_struct(const VtSchema *schema, const VtOption *option)
{
    g_autoptr(VtContext) ctx = help_context(schema, &(VtHelpVersions){NULL, 0}, 0);
    GString *text = g_string_new(NULL);
    const VtLayer *layer = option->type ? vt_schema_type_layer(schema, option->type) : NULL;
    const VtType *type = option->type ? vt_schema_type(schema, option->type) : NULL;

    g_string_append_printf(text, "-%s: %s\n", option->name, vt_text(option->texts, option->doc));
    if (type && (type->kind == VT_TYPE_ENUM || type->kind == VT_TYPE_SCALAR)) {
        vt_help_append_names(text, schema, option->type);
    }
    for (unsigned i = 0; type && (type->kind == VT_TYPE_STRUCT || type->kind == VT_TYPE_UNION) && i < type->count;
         i++) {
        const VtRow *row = &layer->rows[type->first + i];
        const VtCold *cold = &layer->colds[row->cold];
        VtLifeStage stage = vt_help_stage(schema, cold->life ? &layer->lives[cold->life] : NULL);
        g_autofree char *doc = vt_help_marked(vt_text(layer->texts, cold->doc), stage);
        g_autofree char *type_name = vt_row_type_name(schema, layer, row);
        g_autofree char *left = g_strdup_printf("%s=<%s>", vt_str(layer, row->name), type_name);
        g_autoptr(GString) right = g_string_new(doc);

        append_values(right, schema, layer, row);
        append_struct_default(right, ctx, layer, row);
        vt_help_append_line(text, left, right->str);
    }
    return g_string_free(text, FALSE);
}
