/* SPDX-License-Identifier: MIT */
/*
 * vintage defaults: the default values of members in one context.
 */
#include <stdio.h>
#include <string.h>

#include "tool-classes.h"
#include "vt-runtime/error.h"
#include "vt-runtime/output.h"
#include "vt-runtime/names.h"

#define NO_MACHINE "none" /* resolves at the newest version; no scope matches it */

/* Finds a class by its name, or by its tag if only one class has the tag. */
static const VtClassInfo *
find_class(const VtSchema *schema, const char *word)
{
    const VtClassInfo *found = vt_schema_class(schema, word);
    unsigned n = 0;

    for (const VtClassInfo *const *info = vt_schema_classes(schema); !found && *info; info++) {
        n += !vt_class_is_abstract(*info) && strcmp((*info)->tag, word) == 0;
    }
    for (const VtClassInfo *const *info = vt_schema_classes(schema); n == 1 && !found && *info; info++) {
        if (!vt_class_is_abstract(*info) && strcmp((*info)->tag, word) == 0) {
            found = *info;
        }
    }
    return found;
}

bool
tool_classes_select(const VtSchema *schema, GPtrArray *words, uint16_t target, GArray **ret_classes, GError **error)
{
    g_autoptr(GArray) classes = g_array_new(FALSE, FALSE, sizeof(const VtClassInfo *));
    const VtClassInfo *const *all = vt_schema_classes(schema);

    for (guint i = 0; i < words->len; i++) {
        const char *word = g_ptr_array_index(words, i);
        const VtClassInfo *info = find_class(schema, word);
        g_autoptr(GArray) names = vt_names_new();
        const char *nearest;

        if (info && info->row->targets && target && !(info->row->targets & target)) {
            return vt_error_set(error, "type '%s' does not exist on target '%s'", word, vt_target_name(target));
        }
        if (info) {
            g_array_append_val(classes, info);
            continue;
        }
        for (const VtClassInfo *const *other = all; *other; other++) {
            vt_names_add(names, (*other)->name);
        }
        nearest = vt_nearest(word, vt_names_list(names));
        return nearest ? vt_error_set(error, "unknown type '%s'; did you mean '%s'?", word, nearest)
                       : vt_error_set(error, "unknown type '%s'", word);
    }
    for (const VtClassInfo *const *info = all; !words->len && *info; info++) {
        if (!vt_class_is_abstract(*info) && !((*info)->row->flags & VT_CLASS_IF_OFF)) {
            g_array_append_val(classes, *info);
        }
    }
    *ret_classes = g_steal_pointer(&classes);
    return true;
}

VtContext *
tool_context_new(const VtSchema *schema, const VtOverrides *overrides, GError **error)
{
    g_autoptr(VtCommandLine) line = tool_vm_new(schema, NULL, 0, NULL, error);

    if (!line) {
        return NULL;
    }
    vt_command_line_set_default_machine(line, NO_MACHINE);
    return vt_command_line_context(line, overrides, error);
}

/* Adds members of a backend whose default is a machine property. */
static void
add_claims(VtContext *ctx, const VtClassInfo *info, unsigned flags, json_object *result)
{
    const VtMachineName *machine = vt_context_machine(ctx);

    for (size_t i = 0; i < info->n_props; i++) {
        const VtProp *prop = machine ? vt_machine_claim(machine->family, info, info->props[i].name) : NULL;
        const VtImage *image = prop ? vt_context_image(ctx, machine->family) : NULL;

        if (image) {
            const char *field = (const char *)image->data + prop->offset;

            json_object_object_add(result, info->props[i].name,
                                   vt_output_field(info->schema, prop->layer, prop->row, field, flags));
        }
    }
}

static json_object *
defaults_of(VtContext *ctx, const VtClassInfo *info, unsigned flags)
{
    g_autoptr(VtConfig) config = vt_config_new(ctx, info);
    json_object *result;

    vt_config_fill_read_only(config);
    result = vt_output_config(config, vt_context_target(ctx), flags | VT_OUTPUT_ABSENT);
    if (info->row->layer == VT_CLASS_BACKEND) {
        add_claims(ctx, info, flags, result);
    }

    /* The JSON output has the class as "type"; the table has it as the heading. */
    if (!info->machine && !(flags & VT_OUTPUT_NAMES) && !vt_class_prop(info, "type", strlen("type"))) {
        json_object_object_add(result, "type", json_object_new_string(info->name));
    }
    return result;
}

/* Adds other machines, each in its own context at the newest version of the release in @ctx. */
static void
add_machines(const VtContext *ctx_of_all, const VtOverrides *overrides, const GArray *classes, unsigned flags,
             json_object *result)
{
    const VtSchema *schema = vt_context_schema(ctx_of_all);

    for (guint i = 0; i < classes->len; i++) {
        const VtClassInfo *info = g_array_index(classes, const VtClassInfo *, i);
        uint16_t version = vt_schema_version_in_release(schema, VT_AXIS_MACHINE, vt_context_release(ctx_of_all));
        VtOverrides other = *overrides;
        g_autofree char *name = NULL;
        g_autoptr(VtContext) ctx = NULL;

        if (!info->machine || vt_class_is_abstract(info) || json_object_object_get_ex(result, info->name, NULL)) {
            continue;
        }
        if (info->machine->from && !(version = vt_machine_newest(info, version))) {
            continue; /* the release does not have it */
        }
        name = vt_machine_version_name(info, version);
        other.machine = name;
        ctx = tool_context_new(schema, &other, NULL);
        if (ctx) {
            json_object_object_add(result, info->name, defaults_of(ctx, info, flags));
        }
    }
}

static void
print_tables(json_object *result)
{
    static const char *const headers[] = {"property", "default", NULL};

    json_object_object_foreach (result, type, properties) {
        ToolTable *table = tool_table_new(headers);

        tool_print_heading("%s", type);
        json_object_object_foreach (properties, name, value) {
            g_autofree char *text = tool_value_text(value);

            tool_table_add(table, (const char *[]){name, text});
        }
        tool_table_print(table, 2);
        putchar('\n');
    }
}

int
tool_defaults(int argc, char **argv)
{
    bool json = false;
    VtOverrides overrides = {NULL};
    const ToolOption options[] = {
        TOOL_JSON(&json),
        TOOL_MACHINE(&overrides.machine),
        TOOL_PLATFORM(&overrides.platform_version),
        TOOL_TARGET(&overrides.target),
        TOOL_PROBE_FILE(&overrides.probe_file),
        TOOL_RELEASE(&overrides.release),
        {.name = "--newest", .value = &overrides.release}, /* its former name */
        {NULL},
    };
    g_auto(ToolArguments) arguments = {NULL};
    g_autoptr(VtSchema) schema = NULL;
    g_autoptr(VtContext) ctx = NULL;
    g_autoptr(GArray) classes = NULL;
    g_autoptr(GError) error = NULL;
    json_object *result;

    if (!tool_arguments_parse(&arguments, "defaults", options, argc, argv)) {
        return TOOL_WRONG_USE;
    }
    if (arguments.has_vm) {
        return tool_misused("defaults", "expected classes, got a VM; use 'vintage explain' for a VM");
    }
    schema = tool_schema_new();
    ctx = tool_context_new(schema, &overrides, &error);
    if (!ctx || !tool_classes_select(schema, arguments.words, vt_context_target(ctx), &classes, &error)) {
        return tool_failed(error);
    }
    result = json_object_new_object();
    for (guint i = 0; i < classes->len; i++) {
        const VtClassInfo *info = g_array_index(classes, const VtClassInfo *, i);

        if (vt_class_exists(info, ctx)) {
            json_object_object_add(result, info->name, defaults_of(ctx, info, json ? 0 : VT_OUTPUT_NAMES));
        }
    }
    if (!overrides.machine) {
        add_machines(ctx, &overrides, classes, json ? 0 : VT_OUTPUT_NAMES, result);
    }
    if (json) {
        tool_print_json(result);
    } else {
        print_tables(result);
        json_object_put(result);
    }
    return TOOL_DONE;
}
