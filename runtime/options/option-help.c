/* SPDX-License-Identifier: MIT */
/*
 * Help texts from the tables: options, classes that an option creates, and members of a class.
 */
#include <string.h>

#include "options-private.h"
#include "schema/type-name.h"
#include "vt-runtime/error.h"
#include "vt-runtime/output.h"

#define DOC_COLUMN 34

static void
append_line(GString *text, const char *left, const char *doc)
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

/* Aliases follow their option in the table. */
static bool
is_alias(const VtProgram *program, uint32_t index)
{
    const VtOption *option = &program->options[index], *before = index ? option - 1 : NULL;

    return before && option->row == before->row && g_strcmp0(option->root, before->root) == 0 &&
           g_strcmp0(option->expands_to, before->expands_to) == 0 && option->texts == before->texts &&
           option->doc == before->doc;
}

static char *
help_options(const VtProgram *program)
{
    GString *text = g_string_new(NULL);

    g_string_append_printf(text, "usage: %s [OPTION…]\n\n", program->name);
    for (uint32_t i = 0; i < program->n_options; i++) {
        const VtOption *option = &program->options[i];
        g_autoptr(GString) left = g_string_new(NULL);

        if (is_alias(program, i)) {
            continue;
        }
        g_string_printf(left, "-%s", option->name);
        for (uint32_t alias = i + 1; alias < program->n_options && is_alias(program, alias); alias++) {
            g_string_append_printf(left, ", -%s", program->options[alias].name);
        }
        if (option->metavar && option->metavar[0]) {
            g_string_append_printf(left, " %s", option->metavar);
        } else if (!(option->flags & VT_OPTION_FLAG)) {
            g_string_append(left, option->type ? " KEY=VALUE[,…]" : " VALUE");
        }
        append_line(text, left->str, vt_text(option->texts, option->doc));
    }
    g_string_append(text, "\nValues with members may be JSON objects.  -OPTION help lists an option's values, "
                          "-OPTION X,help the members of one.\n");
    return g_string_free(text, FALSE);
}

/* ---- classes ------------------------------------------------------------------------------------------- */

static bool
is_listed(const VtClassInfo *info, const VtClassInfo *root, uint16_t target)
{
    return info->root == root && (!info->row->targets || !target || (info->row->targets & target)) &&
           !vt_class_is_abstract(info) && (info->row->flags & VT_CLASS_USER_CREATABLE) &&
           !(info->row->flags & VT_CLASS_IF_OFF);
}

static int
compare_names(gconstpointer a, gconstpointer b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Lists the classes, devices in the format of QEMU's -device help: name "virtio-blk-pci", bus pci, desc "…". */
static char *
help_classes(const VtSchema *schema, const VtClassInfo *root, uint16_t target)
{
    GString *text = g_string_new(NULL);
    g_autoptr(GPtrArray) lines = g_ptr_array_new_with_free_func(g_free);

    for (const VtClassInfo *const *info = vt_schema_classes(schema); *info; info++) {
        const char *doc = vt_text((*info)->layer->texts, (*info)->row->doc);
        const char *bus = vt_str((*info)->layer, (*info)->row->plugs_into);
        GString *line;

        if (!is_listed(*info, root, target)) {
            continue;
        }
        if (root->row->layer != VT_CLASS_DEVICE) {
            line = g_string_new(NULL);
            append_line(line, (*info)->tag, doc);
            g_string_truncate(line, line->len - 1);
        } else {
            line = g_string_new(NULL);
            g_string_append_printf(line, "name \"%s\"", (*info)->tag);
            if (bus[0]) {
                g_string_append_printf(line, ", bus %s", bus);
            }
            for (const VtAlias *alias = NULL;
                 (alias = vt_alias_next((*info)->layer, (*info)->row->id, target, alias));) {
                g_string_append_printf(line, ", alias \"%s\"", vt_alias_name(schema, (*info)->layer, alias, target));
            }
            if (doc[0]) {
                g_string_append_printf(line, ", desc \"%s\"", doc);
            }
        }
        g_ptr_array_add(lines, g_string_free(line, FALSE));
    }
    g_ptr_array_sort(lines, compare_names);
    if (root->row->layer != VT_CLASS_DEVICE) {
        g_string_append_printf(text, "Available values of '%s':\n",
                               vt_str(root->layer, root->row->within ? root->row->within : root->row->tag_name));
    }
    for (guint i = 0; i < lines->len; i++) {
        g_string_append_printf(text, "%s\n", (const char *)g_ptr_array_index(lines, i));
    }
    return g_string_free(text, FALSE);
}

static char *
help_machines(const VtSchema *schema, uint16_t target)
{
    GString *text = g_string_new("Supported machines are:\n");

    for (const VtClassInfo *const *info = vt_schema_classes(schema); *info; info++) {
        const VtMachine *machine = (*info)->machine;
        const char *doc = vt_text((*info)->layer->texts, (*info)->row->doc);
        uint16_t newest = 0;

        if (!machine || !is_listed(*info, (*info)->root, target)) {
            continue;
        }
        if (!machine->from) {
            append_line(text, (*info)->tag, doc);
            continue;
        }
        for (size_t v = vt_schema_n_versions(schema, VT_AXIS_MACHINE); v >= machine->from; v--) {
            g_autofree char *name = NULL;
            VtLifeStage stage;
            const char *why;
            VtLife life;

            if (!vt_machine_has_version(*info, v)) {
                continue;
            }
            vt_machine_life(*info, (uint16_t)v, &life, &why);
            stage = vt_life_stage(&life, vt_schema_open_version(schema, VT_AXIS_RELEASE));
            name = vt_machine_version_name(*info, v);
            if (!newest) {
                newest = v;
                for (const VtAlias *alias = NULL;
                     (alias = vt_alias_next((*info)->layer, (*info)->row->id, target, alias));) {
                    g_autofree char *alias_doc = g_strdup_printf("%s (alias of %s)", doc, name);

                    append_line(text, vt_str((*info)->layer, alias->name), alias_doc);
                }
            }
            {
                g_autofree char *full_doc = g_strdup_printf("%s%s", doc,
                                                            stage == VT_LIFE_REMOVED      ? " (removed)"
                                                            : stage == VT_LIFE_DEPRECATED ? " (deprecated)"
                                                                                          : "");

                append_line(text, name, full_doc);
            }
        }
    }
    return g_string_free(text, FALSE);
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

    append_line(text, left, right);
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

static char *
help_members(const VtSchema *schema, const VtClassInfo *info, const VtMachineName *machine, uint16_t target)
{
    g_autoptr(VtContext) ctx = help_context(schema, machine, target);
    g_autoptr(VtConfig) config = vt_config_new(ctx, info);
    GString *text = g_string_new(NULL);

    g_string_append_printf(text, "%s options:\n", machine ? machine->name : info->tag);
    for (size_t i = 0; i < info->n_props; i++) {
        const VtProp *prop = &info->props[i];
        const char *doc = vt_text(prop->layer->texts, prop->cold->doc);
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
        append_line(text, left, right->str);
    }
    append_shorts(text, info);
    return g_string_free(text, FALSE);
}

static char *
help_struct(const VtSchema *schema, const VtOption *option)
{
    GString *text = g_string_new(NULL);
    const VtLayer *layer = option->type ? vt_schema_type_layer(schema, option->type) : NULL;
    const VtType *type = option->type ? vt_schema_type(schema, option->type) : NULL;

    g_string_append_printf(text, "-%s: %s\n", option->name, vt_text(option->texts, option->doc));
    if (type && (type->kind == VT_TYPE_STRUCT || type->kind == VT_TYPE_UNION)) {
        for (unsigned i = 0; i < type->count; i++) {
            const VtRow *row = &layer->rows[type->first + i];
            g_autofree char *type_name = vt_row_type_name(schema, layer, row);
            g_autofree char *left = g_strdup_printf("%s=<%s>", vt_str(layer, row->name), type_name);

            append_line(text, left, vt_text(layer->texts, layer->colds[row->cold].doc));
        }
    }
    return g_string_free(text, FALSE);
}

/* Appends the aliases of a model, without the class suffix. */
static void
append_model_aliases(GString *text, const VtClassInfo *info, const char *model, uint16_t target)
{
    size_t suffix = strlen(vt_str(info->layer, info->row->name)) - strlen(model);

    for (const VtAlias *alias = NULL; (alias = vt_alias_next(info->layer, info->row->id, target, alias));) {
        const char *name = vt_str(info->layer, alias->name);
        g_autofree char *short_name = g_strndup(name, strlen(name) - suffix);
        g_autofree char *doc = g_strdup_printf("the same as %s", model);

        append_line(text, short_name, doc);
    }
}

static char *
help_models(const VtSchema *schema, const VtOption *option, uint16_t target)
{
    GString *text = g_string_new(NULL);

    g_string_append_printf(text, "Available models of -%s on target %s:\n", option->name, vt_target_name(target));
    for (const VtClassInfo *const *info = vt_schema_classes(schema); *info; info++) {
        g_autofree char *name = vt_option_model_name(option, (*info)->layer, (*info)->row, target);

        if (name) {
            append_line(text, name, vt_text((*info)->layer->texts, (*info)->row->doc));
            append_model_aliases(text, *info, name, target);
        }
    }
    return g_string_free(text, FALSE);
}

static char *
help_model(const VtSchema *schema, const VtOption *option, const char *model, uint16_t target, GError **error)
{
    const VtClassInfo *info = vt_option_find_model(option, schema, target, model);

    if (!info) {
        g_autofree char *where = g_strdup_printf("-%s", option->name);

        vt_option_fail_model(option, where, schema, target, model, error);
        return NULL;
    }
    return help_members(schema, info, NULL, target);
}

char *
vt_command_line_help(const VtProgram *program, const VtSchema *schema, const VtCommandLine *line, GError **error)
{
    const char *topic = vt_command_line_help_topic(line);
    uint16_t target = vt_command_line_target(line);
    const char *equals = topic ? strchr(topic, '=') : NULL;
    g_autofree char *name = equals ? g_strndup(topic, equals - topic) : g_strdup(topic);
    const VtOption *option;
    const VtClassInfo *root, *info;
    char *text;

    if (!topic) {
        return help_options(program);
    }
    vt_schema_set_target(schema, target);
    option = vt_program_option(program, name);
    if (!option) {
        vt_option_unknown(program, "-", name, error);
        return NULL;
    }
    root = (option->flags & VT_OPTION_CREATES) ? vt_schema_class(schema, option->root) : NULL;
    if (!root) {
        return help_struct(schema, option);
    }
    if (option->class_suffixes) {
        return equals ? help_model(schema, option, equals + 1, target, error) : help_models(schema, option, target);
    }
    if (vt_class_is_machine(root)) {
        VtMachineName machine;

        if (!equals) {
            return help_machines(schema, target);
        }
        if (!vt_machine_find_for(schema, equals + 1, target, &machine, error)) {
            return NULL;
        }
        text = help_members(schema, machine.family, &machine, target);
        vt_machine_name_clear(&machine);
        return text;
    }
    if (!equals) {
        return help_classes(schema, root, target);
    }
    info = vt_schema_class_by_tag(schema, root, equals + 1);
    if (!info || !is_listed(info, root, target)) {
        vt_error_set(error, "-%s: unknown value '%s'; -%s help lists them", name, equals + 1, name);
        return NULL;
    }
    return help_members(schema, info, NULL, target);
}
