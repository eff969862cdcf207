/* SPDX-License-Identifier: MIT */
/*
 * Writes a frozen file, and checks that newer versions read the same values from it.
 */
#include "frozen-file.h"

#include <string.h>

#include <json-c/json.h>

#include "object/frozen-private.h"
#include "vt-runtime/contract.h"
#include "vt-runtime/error.h"
#include "vt-runtime/json.h"
#include "vt-runtime/output.h"

/* ---- writing ------------------------------------------------------------------------------------------- */

static const char *
option_of(const VtClassInfo *root, const void *opaque)
{
    const VtOption *option = vt_program_creator(((const VtCommandLine *)opaque)->program, root->name);

    g_assert(option);
    return option->name;
}

typedef struct OwnOptions {
    const VtCommandLine *line;
    json_object *file;
    GError **error;
    bool ok;
} OwnOptions;

static void
freeze_option(const VtOption *option, json_object *value, void *opaque)
{
    OwnOptions *own = opaque;
    const VtLayer *layer = vt_schema_type_layer(own->line->schema, own->line->program->options_type);
    const char *secret;

    if (!own->ok || json_object_object_get_ex(own->file, option->name, NULL) || option->role == VT_ROLE_CONFIGURATION) {
        return;
    }
    secret = vt_field_secret(own->line->schema, layer, option->row, (char *)own->line->options + option->row->offset);
    if (secret) {
        own->ok = vt_error_set(own->error, "-%s: '%s' is sensitive and cannot be frozen", option->name, secret);
        return;
    }
    json_object_object_add(own->file, option->name, json_object_get(value));
}

/* Adds the program's own options. */
static bool
add_options(const VtCommandLine *line, json_object *file, GError **error)
{
    OwnOptions own = {line, file, error, true};

    vt_command_line_each_option(line, VT_OUTPUT_NAMES, freeze_option, &own);
    return own.ok;
}

/* Adds globals: they apply to devices that are hot-plugged later. */
static bool
add_globals(const VtCommandLine *line, json_object *file, GError **error)
{
    json_object *list = NULL;

    for (guint i = 0; i < line->globals->len; i++) {
        const VtGlobalSource *global = g_ptr_array_index(line->globals, i);
        const VtClassInfo *info = vt_schema_class(line->schema, global->driver);
        const VtProp *prop = info ? vt_class_prop(info, global->property, strlen(global->property)) : NULL;

        /* An unknown class may be a misspelt one, whose value is a secret. */
        if (!prop) {
            json_object_put(list);
            return vt_error_set(error, "-%s: unknown class '%s': its default cannot be frozen",
                                vt_option_role_name(line, VT_ROLE_GLOBAL), global->driver);
        }
        if (prop->cold->features & VT_FEATURE_SENSITIVE) {
            json_object_put(list);
            return vt_error_set(error, "-%s %s: '%s' is sensitive and cannot be frozen",
                                vt_option_role_name(line, VT_ROLE_GLOBAL), global->driver, global->property);
        }
        list = list ? list : json_object_new_array();
        json_object_array_add(list, vt_option_global(global->driver, global->property, global->value));
    }
    if (list) {
        json_object_object_add(file, vt_option_role_name(line, VT_ROLE_GLOBAL), list);
    }
    return true;
}

/* Adds the values of late options as the user gave them: their objects have no options of their own. */
static bool
add_late(const VtCommandLine *line, json_object *file, GError **error)
{
    for (guint i = 0; i < line->late->len; i++) {
        const VtSource *source = g_ptr_array_index(line->late, i);
        const VtOption *option = source->option;
        json_object *value = vt_source_is_text(source) ? json_object_new_string(source->text)
                                                       : vt_source_tree(source, error),
                    *list = NULL;

        if (!value) {
            return false;
        }
        if (!(option->flags & VT_OPTION_MULTIPLE)) {
            json_object_object_add(file, option->name, value);
            continue;
        }
        if (!json_object_object_get_ex(file, option->name, &list)) {
            list = json_object_new_array();
            json_object_object_add(file, option->name, list);
        }
        json_object_array_add(list, value);
    }
    return true;
}

/* Requests default devices, unless the command line has none. */
static void
add_defaults(const VtCommandLine *line, json_object *file)
{
    for (uint32_t i = 0; i < line->program->n_options; i++) {
        if (line->program->options[i].otherwise && !line->used[i] && vt_command_line_has_defaults(line)) {
            json_object_object_add(file, line->program->options[i].name, json_object_new_boolean(false));
        }
    }
}

/* Adds the option if it is present, and nothing else in the file says so: a flag, or a list of no values. */
static void
add_presence(const VtCommandLine *line, json_object *file, const char *name)
{
    const VtOption *option = vt_program_option(line->program, name);

    if (option->row || option->flags & VT_OPTION_LATE || !line->used[option - line->program->options]) {
        return;
    }
    if (option->flags & VT_OPTION_FLAG) {
        json_object_object_add(file, name, json_object_new_boolean(true));
    } else if (option->flags & VT_OPTION_MULTIPLE) {
        json_object_object_add(file, name, json_object_new_array());
    }
}

/* Adds the options that a guard names: '$options' has a list, and '$options.NAME' one. */
static void
add_guard(const VtCommandLine *line, json_object *file, json_object *guard)
{
    if (!guard) {
        return;
    }
    json_object_object_foreach (guard, key, pattern) {
        if (g_str_has_prefix(key, "$options.")) {
            add_presence(line, file, strchr(key, '.') + 1);
        }
        for (size_t i = 0; strcmp(key, "$options") == 0 && i < json_object_array_length(pattern); i++) {
            add_presence(line, file, json_object_get_string(json_object_array_get_idx(pattern, i)));
        }
    }
}

/* Adds options whose presence determines the default devices.  They are the first in the file: objects override what
 * they stand for. */
static void
add_guards(const VtCommandLine *line, json_object *file)
{
    for (uint32_t i = 0; vt_command_line_has_defaults(line) && i < line->program->n_options; i++) {
        const VtOption *option = &line->program->options[i];
        json_object *list = NULL, *guard;

        if (option->otherwise && !line->used[i]) {
            list = vt_json_parse(option->otherwise, strlen(option->otherwise), option->name, NULL);
        }
        for (size_t j = 0; list && j < json_object_array_length(list); j++) {
            add_guard(line, file,
                      json_object_object_get_ex(json_object_array_get_idx(list, j), "when", &guard) ? guard : NULL);
            add_guard(line, file,
                      json_object_object_get_ex(json_object_array_get_idx(list, j), "unless", &guard) ? guard : NULL);
        }
        json_object_put(list);
    }
}

/* The single creation of an option that is not repeatable; otherwise the list. */
static json_object *
creation_of(const VtProgram *program, const char *option, json_object *creations)
{
    bool once = !(vt_program_option(program, option)->flags & VT_OPTION_MULTIPLE);

    return once && json_object_is_type(creations, json_type_array) ? json_object_array_get_idx(creations, 0)
                                                                   : creations;
}

static json_object *
freeze(const VtCommandLine *line, VtVm *vm, GError **error)
{
    VtContext *ctx = vt_vm_context(vm);
    VtAxis axis = vt_frozen_axis(line->schema);
    json_object *defaults = NULL, *origins = NULL;
    json_object *objects = vt_vm_freeze(vm, option_of, line, &defaults, &origins, error);
    const char *machine_name = vt_option_role_name(line, VT_ROLE_MACHINE);
    json_object *file, *machine;
    bool ok;

    if (!objects) {
        return NULL;
    }
    file = json_object_new_object();
    vt_json_add_text(file, FROZEN,
                     vt_schema_version_name(line->schema, axis, vt_schema_n_versions(line->schema, axis)));
    json_object_object_add(file, VERSIONS, vt_schema_versions_json(line->schema));
    add_guards(line, file);
    if (json_object_object_get_ex(objects, machine_name, &machine)) {
        json_object_object_add(file, machine_name, json_object_get(machine));
    }
    vt_json_add_text(
        file, vt_option_role_name(line, VT_ROLE_PLATFORM_VERSION),
        vt_schema_version_name(line->schema, VT_AXIS_PLATFORM, vt_platform_version(vt_context_platform(ctx))));
    if (vt_program_role(line->program, VT_ROLE_TARGET)) {
        vt_json_add_text(file, vt_option_role_name(line, VT_ROLE_TARGET), vt_target_name(vt_context_target(ctx)));
    }
    ok = add_options(line, file, error);
    add_defaults(line, file);
    json_object_object_foreach (objects, option, creations) {
        if (strcmp(option, machine_name) != 0) {
            json_object_object_add(file, option, json_object_get(creation_of(line->program, option, creations)));
        }
    }
    if (json_object_object_length(defaults)) {
        json_object_object_add(file, DEFAULTS, json_object_get(defaults));
    }
    if (json_object_object_length(origins)) {
        json_object_object_add(file, ORIGINS, json_object_get(origins));
    }
    json_object_put(origins);
    json_object_put(objects);
    json_object_put(defaults);
    if (!ok || !add_late(line, file, error) || !add_globals(line, file, error)) {
        json_object_put(file);
        return NULL;
    }
    return file;
}

/* What the options state beside the machine and the objects: a new reference.  NULL: a value is sensitive. */
static json_object *
other_options(const VtCommandLine *line)
{
    static const VtRole stated[] = {VT_ROLE_MACHINE, VT_ROLE_PLATFORM_VERSION, VT_ROLE_TARGET};
    json_object *file = json_object_new_object();
    bool ok;

    add_guards(line, file);
    for (size_t i = 0; i < G_N_ELEMENTS(stated); i++) {
        json_object_object_add(file, vt_option_role_name(line, stated[i]), NULL);
    }
    add_defaults(line, file);
    ok = add_options(line, file, NULL) && add_late(line, file, NULL) && add_globals(line, file, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(stated); i++) {
        json_object_object_del(file, vt_option_role_name(line, stated[i]));
    }
    if (!ok) {
        g_clear_pointer(&file, json_object_put);
    }
    return file;
}

json_object *
vt_command_line_effective(const VtCommandLine *line, const VtVm *vm, bool settled)
{
    json_object *config = vt_vm_effective_config(vm, settled), *options = other_options(line);

    if (options) {
        json_object_object_add(config, "options", options);
    }
    return config;
}

/* ---- verification -------------------------------------------------------------------------------------- */

/* The path and values of the first difference, or NULL.  The caller frees the text. */
static char *
difference(json_object *a, json_object *b)
{
    g_autofree char *old = NULL, *new = NULL;
    bool lists = json_object_is_type(a, json_type_array) && json_object_is_type(b, json_type_array);

    if (json_object_equal(a, b)) {
        return NULL;
    }
    if (json_object_is_type(a, json_type_object) && json_object_is_type(b, json_type_object)) {
        json_object_object_foreach (a, name, value) {
            json_object *other = NULL;
            g_autofree char *inside = NULL;

            json_object_object_get_ex(b, name, &other);
            inside = difference(value, other);
            if (inside) {
                return g_strdup_printf("%s%s%s", name, inside[0] == ' ' ? "" : ".", inside);
            }
        }
    }
    for (size_t i = 0; lists && i < json_object_array_length(a); i++) {
        g_autofree char *inside = difference(json_object_array_get_idx(a, i), json_object_array_get_idx(b, i));

        if (inside) {
            return g_strdup_printf("%zu%s%s", i, inside[0] == ' ' ? "" : ".", inside);
        }
    }
    old = vt_json_text(a);
    new = vt_json_text(b);
    return g_strdup_printf(" %s would become %s", old, new);
}

/* The name of the newest version of the machine's family. */
static char *
newest_machine(const VtSchema *schema, const VtMachineName *machine)
{
    uint16_t open = vt_schema_open_version(schema, VT_AXIS_MACHINE);

    return vt_machine_version_name(machine->family, vt_machine_newest(machine->family, open));
}

static void
copy_member(json_object *to, json_object *from, const char *name)
{
    json_object *value;

    if (json_object_object_get_ex(from, name, &value)) {
        json_object_object_add(to, name, json_object_get(value));
    }
}

/* @file, which is @vm frozen, planned with the newest machine and platform versions.  *ret_versions names them in
 * errors; the caller frees it. */
static VtVm *
plan_newest(const VtCommandLine *line, const VtVm *vm, json_object *file, VtCommandLine **ret_line, char **ret_versions,
            GError **error)
{
    const VtSchema *schema = line->schema;
    const VtMachineName *machine = vt_context_machine(vt_vm_context(vm));
    g_autoptr(VtCommandLine) again = vt_command_line_new_empty(line->program, schema);
    g_autofree char *text = vt_json_line(file);
    g_autofree char *newest = machine ? newest_machine(schema, machine) : NULL;
    VtOverrides overrides = {.machine = newest};
    VtVm *other;

    overrides.platform_version =
        vt_schema_version_name(schema, VT_AXIS_PLATFORM, vt_schema_n_versions(schema, VT_AXIS_PLATFORM));
    if (!vt_config_text_apply(again, "frozen", text, strlen(text), error)) {
        return NULL;
    }
    other = vt_command_line_plan(again, &overrides, error);
    *ret_line = g_steal_pointer(&again);
    *ret_versions = g_strdup_printf("%s%splatform version %s", newest ? newest : "", newest ? " and " : "",
                                    overrides.platform_version);
    return other;
}

/* Adds the defaults of made objects to @file, which is @vm frozen. */
static bool
pin_made(const VtCommandLine *line, const VtVm *vm, json_object *file, GError **error)
{
    g_autoptr(VtCommandLine) again = NULL;
    g_autofree char *versions = NULL;
    g_autoptr(VtVm) newest = plan_newest(line, vm, file, &again, &versions, error);

    if (newest) {
        vt_freeze_made(line, vm, newest, file);
    }
    return newest;
}

/* Plans @file with the newest versions, freezes the result, and compares it with @file. */
static bool
prove(const VtCommandLine *line, const VtVm *vm, json_object *file, GError **error)
{
    const char *machine_name = vt_option_role_name(line, VT_ROLE_MACHINE);
    g_autoptr(VtCommandLine) again = NULL;
    g_autofree char *versions = NULL, *changed = NULL;
    g_autoptr(VtVm) other = plan_newest(line, vm, file, &again, &versions, error);
    json_object *result, *old = NULL, *new = NULL;

    result = other ? freeze(again, other, error) : NULL;
    if (!result) {
        return false;
    }
    copy_member(result, file, vt_option_role_name(line, VT_ROLE_PLATFORM_VERSION));
    if (json_object_object_get_ex(file, machine_name, &old) && json_object_object_get_ex(result, machine_name, &new)) {
        copy_member(new, old, "type");
    }
    changed = difference(file, result);
    json_object_put(result);
    return !changed || vt_error_set(error, "cannot be frozen: %s under %s", changed, versions);
}

json_object *
vt_command_line_freeze(const VtCommandLine *line, VtVm *vm, GError **error)
{
    json_object *file = freeze(line, vm, error);

    if (file && (!pin_made(line, vm, file, error) || !prove(line, vm, file, error))) {
        json_object_put(file);
        return NULL;
    }
    return file;
}
