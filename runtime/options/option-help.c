/* SPDX-License-Identifier: MIT */
/*
 * Help texts from the tables: options, classes that an option creates, and members of a class.
 */
#include <string.h>

#include "option-help.h"
#include "options-private.h"
#include "vt-runtime/error.h"
#include "vt-runtime/vendor-machine.h"

/* Aliases follow their option in the table. */
static bool
is_alias(const VtProgram *program, uint32_t index)
{
    const VtOption *option = &program->options[index], *before = index ? option - 1 : NULL;

    return before && option->row == before->row && g_strcmp0(option->root, before->root) == 0 &&
           g_strcmp0(option->expands_to, before->expands_to) == 0 && option->texts == before->texts &&
           option->doc == before->doc;
}

/* Appends the options of a group. */
static void
append_options(GString *text, const VtProgram *program, const VtSchema *schema, uint32_t group)
{
    for (uint32_t i = 0; i < program->n_options; i++) {
        const VtOption *option = &program->options[i];
        VtLifeStage stage = vt_help_stage(schema, &option->life);
        g_autofree char *doc = vt_help_marked(vt_text(option->texts, option->doc), stage);
        g_autoptr(GString) left = g_string_new(NULL);

        if (option->group != group || is_alias(program, i)) {
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
        vt_help_append_line(text, left->str, doc);
    }
}

static char *
help_options(const VtProgram *program, const VtSchema *schema)
{
    GString *text = g_string_new(NULL);

    g_string_append_printf(text, "usage: %s [OPTION…]\n", program->name);
    for (uint32_t group = 0; group <= program->n_groups; group++) {
        g_autoptr(GString) options = g_string_new(NULL);

        append_options(options, program, schema, group);
        if (options->len) {
            g_string_append_printf(text, "\n%s%s%s", group ? program->groups[group - 1] : "", group ? ":\n" : "",
                                   options->str);
        }
    }
    g_string_append(text, "\nValues with members may be JSON objects.  -OPTION help lists an option's values, "
                          "-OPTION X,help the members of one.\n");
    return g_string_free(text, FALSE);
}

/* ---- classes ------------------------------------------------------------------------------------------- */

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
        VtLifeStage stage = vt_help_stage(schema, vt_class_life(*info));
        g_autofree char *doc = vt_help_marked(vt_text((*info)->layer->texts, (*info)->row->doc), stage);
        const char *bus = vt_str((*info)->layer, (*info)->row->plugs_into);
        GString *line;

        if (!vt_help_is_listed(*info, root, target)) {
            continue;
        }
        if (root->row->layer != VT_CLASS_DEVICE) {
            line = g_string_new(NULL);
            vt_help_append_line(line, (*info)->tag, doc);
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

static void
append_vendor_machines(GString *text, const VtClassInfo *family)
{
    for (const VtVendorMachine *machine = NULL; (machine = vt_vendor_machine_next(family->schema, family, machine));) {
        g_autofree char *doc = vt_vendor_machine_doc(machine);

        if (machine->alias) {
            g_autofree char *alias = g_strdup_printf("%s (alias of %s)", doc, machine->name);

            vt_help_append_line(text, machine->alias, alias);
        }
        vt_help_append_line(text, machine->name, doc);
    }
}

static char *
help_machines(const VtSchema *schema, uint16_t target)
{
    GString *text = g_string_new("Supported machines are:\n");

    for (const VtClassInfo *const *info = vt_schema_classes(schema); *info; info++) {
        const VtMachine *machine = (*info)->machine;
        const char *doc = vt_text((*info)->layer->texts, (*info)->row->doc);
        VtLifeStage stage = vt_help_stage(schema, vt_class_life(*info));
        uint16_t newest = 0;

        if (!machine || !vt_help_is_listed(*info, (*info)->root, target)) {
            continue;
        }
        if (!machine->from) {
            g_autofree char *full_doc = vt_help_marked(doc, stage);

            vt_help_append_line(text, (*info)->tag, full_doc);
            continue;
        }
        for (size_t v = vt_schema_n_versions(schema, VT_AXIS_MACHINE); v >= machine->from; v--) {
            g_autofree char *name = NULL;
            g_autofree char *full_doc = NULL;
            const char *why;
            VtLife life;

            if (!vt_machine_has_version(*info, v)) {
                continue;
            }
            vt_machine_life(*info, (uint16_t)v, &life, &why);
            stage = vt_help_stage(schema, &life);
            name = vt_machine_version_name(*info, v);
            full_doc = vt_help_marked(doc, stage);
            if (!newest) {
                newest = v;
                for (const VtAlias *alias = NULL;
                     (alias = vt_alias_next((*info)->layer, (*info)->row->id, target, alias));) {
                    g_autofree char *alias_doc = g_strdup_printf("%s (alias of %s)", doc, name);

                    vt_help_append_line(text, vt_str((*info)->layer, alias->name), alias_doc);
                }
            }
            vt_help_append_line(text, name, full_doc);
        }
        append_vendor_machines(text, *info);
    }
    return g_string_free(text, FALSE);
}

static void
append_model_aliases(GString *text, const VtOption *option, const VtClassInfo *info, const char *model, uint16_t target)
{
    for (const VtAlias *alias = NULL; (alias = vt_alias_next(info->layer, info->row->id, target, alias));) {
        g_autofree char *name = vt_option_model_alias(option, info->layer, info->row, target, alias);
        g_autofree char *doc = g_strdup_printf("the same as %s", model);

        vt_help_append_line(text, name, doc);
    }
}

static char *
help_models(const VtSchema *schema, const VtOption *option, uint16_t target)
{
    GString *text = g_string_new(NULL);

    g_string_append_printf(text, "Available models of -%s on target %s:\n", option->name, vt_target_name(target));
    for (const VtClassInfo *const *info = vt_schema_classes(schema); *info; info++) {
        g_autofree char *name = vt_option_model_name(option, (*info)->layer, (*info)->row, target);
        VtLifeStage stage = vt_help_stage(schema, vt_class_life(*info));

        if (name) {
            g_autofree char *doc = vt_help_marked(vt_text((*info)->layer->texts, (*info)->row->doc), stage);

            vt_help_append_line(text, name, doc);
            append_model_aliases(text, option, *info, name, target);
        }
    }
    return g_string_free(text, FALSE);
}

static char *
help_model(const VtSchema *schema, const VtOption *option, const char *model, const VtHelpVersions *versions,
           uint16_t target, GError **error)
{
    const VtClassInfo *info = vt_option_find_model(option, schema, target, model);

    if (!info) {
        g_autofree char *where = g_strdup_printf("-%s", option->name);

        vt_option_fail_model(option, where, schema, target, model, error);
        return NULL;
    }
    return vt_help_members(schema, info, NULL, versions, target);
}

/* Finds the versions that the command line chooses.  The caller clears *@ret_machine. */
static bool
find_versions(const VtCommandLine *line, uint16_t target, VtMachineName *ret_machine, VtHelpVersions *ret_versions,
              GError **error)
{
    const char *platform = vt_command_line_str(line, VT_ROLE_PLATFORM_VERSION);

    *ret_versions = (VtHelpVersions){NULL, 0};
    if (!vt_option_find_platform(line->program, line->schema, platform, &ret_versions->platform, error)) {
        return false;
    }
    if (line->machine_name && !vt_machine_find_for(line->schema, line->machine_name, target, ret_machine, error)) {
        g_prefix_error(error, "%s: ", line->machine_where);
        return false;
    }
    ret_versions->machine = line->machine_name ? ret_machine : NULL;
    return true;
}

static char *
help_topic(const VtProgram *program, const VtCommandLine *line, const VtHelpVersions *versions, GError **error)
{
    const VtSchema *schema = line->schema;
    const char *topic = vt_command_line_help_topic(line);
    uint16_t target = vt_command_line_target(line);
    const char *equals = topic ? strchr(topic, '=') : NULL;
    g_autofree char *name = equals ? g_strndup(topic, equals - topic) : g_strdup(topic);
    const VtOption *option;
    const VtClassInfo *root, *info;
    char *text;

    option = vt_program_option(program, name);
    if (!option) {
        vt_option_unknown(program, "-", name, error);
        return NULL;
    }
    root = (option->flags & VT_OPTION_CREATES) ? vt_schema_class(schema, option->root) : NULL;
    if (!root) {
        text = equals ? vt_help_values(schema, option, equals + 1, target) : NULL;
        return text ? text : vt_help_struct(schema, option);
    }
    if (option->class_suffixes) {
        return equals ? help_model(schema, option, equals + 1, versions, target, error)
                      : help_models(schema, option, target);
    }
    if (vt_class_is_machine(root)) {
        VtMachineName machine;

        if (!equals) {
            return help_machines(schema, target);
        }
        if (!vt_machine_find_for(schema, equals + 1, target, &machine, error)) {
            return NULL;
        }
        text =
            vt_help_members(schema, machine.family, &machine, &(VtHelpVersions){&machine, versions->platform}, target);
        vt_machine_name_clear(&machine);
        return text;
    }
    if (!equals) {
        return help_classes(schema, root, target);
    }
    info = vt_schema_class_by_tag(schema, root, equals + 1);
    if (!info || !vt_help_is_listed(info, root, target)) {
        vt_error_set(error, "-%s: unknown value '%s'; -%s help lists them", name, equals + 1, name);
        return NULL;
    }
    return vt_help_members(schema, info, NULL, versions, target);
}

char *
vt_command_line_help(const VtProgram *program, const VtSchema *schema, const VtCommandLine *line, GError **error)
{
    uint16_t target = vt_command_line_target(line);
    VtMachineName machine = {NULL};
    VtHelpVersions versions;
    char *text;

    if (!line->help_topic) {
        return help_options(program, schema);
    }
    vt_schema_set_target(schema, target);
    if (!find_versions(line, target, &machine, &versions, error)) {
        return NULL;
    }
    text = help_topic(program, line, &versions, error);
    vt_machine_name_clear(&machine);
    return text;
}
