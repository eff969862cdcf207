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

/* A context for defaults of machine @name.  NULL: of a machine without versions, which has the newest defaults. */
static VtContext *
help_context(const VtSchema *schema, const VtMachineName *name, uint16_t target)
{
    VtMachineName any = {NULL, vt_schema_open_version(schema, VT_AXIS_MACHINE), NULL};
    VtPlatform *platform = vt_platform_new(schema, 0, NULL, NULL);
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

char *
vt_help_members(const VtSchema *schema, const VtClassInfo *info, const VtMachineName *machine, uint16_t target)
{
    g_autoptr(VtContext) ctx = help_context(schema, machine, target);
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
        if (vt_config_present(config, prop)) {
            g_autofree char *value = vt_output_text(schema, prop->layer, prop->row, vt_config_field(config, prop));

            g_string_append_printf(right, " (default: %s)", value);
        } else if (absent[0]) {
            g_string_append_printf(right, " (default: %s)", absent);
        } else if (prop->row->flags & VT_ROW_REQUIRED) {
            g_string_append(right, " (required)");
        }
        vt_help_append_line(text, left, right->str);
    }
    append_shorts(text, info);
    return g_string_free(text, FALSE);
}

char *
vt_help_struct(const VtSchema *schema, const VtOption *option)
{
    GString *text = g_string_new(NULL);
    const VtLayer *layer = option->type ? vt_schema_type_layer(schema, option->type) : NULL;
    const VtType *type = option->type ? vt_schema_type(schema, option->type) : NULL;

    g_string_append_printf(text, "-%s: %s\n", option->name, vt_text(option->texts, option->doc));
    if (type && (type->kind == VT_TYPE_STRUCT || type->kind == VT_TYPE_UNION)) {
        for (unsigned i = 0; i < type->count; i++) {
            const VtRow *row = &layer->rows[type->first + i];
            const VtCold *cold = &layer->colds[row->cold];
            VtLifeStage stage = vt_help_stage(schema, cold->life ? &layer->lives[cold->life] : NULL);
            g_autofree char *doc = vt_help_marked(vt_text(layer->texts, cold->doc), stage);
            g_autofree char *type_name = vt_row_type_name(schema, layer, row);
            g_autofree char *left = g_strdup_printf("%s=<%s>", vt_str(layer, row->name), type_name);

            vt_help_append_line(text, left, doc);
        }
    }
    return g_string_free(text, FALSE);
}
