/* SPDX-License-Identifier: MIT */
/*
 * Options that cannot be used: a release of QEMU does not have them or has deprecated them, the target does not have
 * them, the host lacks a file that they name, or they have no implementation.
 */
#include "options-private.h"

#include <string.h>

#include "vt-runtime/error.h"
#include "vt-runtime/output.h"

/* The option and the members of its value. Those of an option that creates are members of its objects. */
static bool
check_option(const VtCommandLine *line, const VtOption *option, const VtLifeCheck *check, GError **error)
{
    g_autofree char *where = g_strdup_printf("-%s", option->name);

    if (!vt_life_check(check, &option->life, option->texts, where, "the option", error)) {
        return false;
    }
    return !option->row ||
           vt_field_check_life(vt_schema_type_layer(line->schema, line->program->options_type), option->row,
                               (const char *)line->options + option->row->offset, check, where, error);
}

bool
vt_command_line_check_life(const VtCommandLine *line, const VtLifeCheck *check, GError **error)
{
    for (guint i = 0; i < line->notes->len; i++) {
        g_ptr_array_add(check->warnings, g_strdup(line->notes->pdata[i]));
    }
    for (uint32_t i = 0; i < line->program->n_options; i++) {
        if (line->named[i] && !check_option(line, &line->program->options[i], check, error)) {
            return false;
        }
    }
    if (line->replaced_machine && strcmp(line->replaced_machine, line->machine_name) != 0) {
        g_ptr_array_add(check->warnings,
                        g_strdup_printf("%s: '%s' replaces '%s' of an earlier option", line->machine_where,
                                        line->machine_name, line->replaced_machine));
    }
    return true;
}

/* ---- options that exclude each other, and targets ------------------------------------------------------- */

/* Where the option @other is used, each of its values is @wanted. */
static bool
check_wanted(const VtCommandLine *line, const VtOption *option, const VtOption *other, const char *wanted,
             GError **error)
{
    const VtLayer *layer = vt_schema_type_layer(line->schema, line->program->options_type);
    json_object *value;
    bool list, same = true;

    if (!line->used[other - line->program->options]) {
        return true;
    }
    value = vt_output_field(line->schema, layer, other->row, (const char *)line->options + other->row->offset, 0);
    list = json_object_is_type(value, json_type_array);
    for (size_t i = 0; i < (list ? json_object_array_length(value) : 1); i++) {
        json_object *each = list ? json_object_array_get_idx(value, i) : value;

        same &= strcmp(json_object_get_string(each), wanted) == 0;
    }
    json_object_put(value);
    return same || vt_error_set(error, "-%s: cannot be used with -%s, except -%s %s", option->name, other->name,
                                other->name, wanted);
}

static bool
check_excludes(const VtCommandLine *line, const VtOption *option, GError **error)
{
    for (const char *const *name = option->excludes; name && *name; name++) {
        const VtOption *other = vt_program_option(line->program, *name);

        if (line->used[other - line->program->options]) {
            return vt_error_set(error, "-%s and -%s are mutually exclusive", option->name, other->name);
        }
    }
    if (option->requires) {
        const VtOption *other = vt_program_option(line->program, option->requires);

        if (!line->used[other - line->program->options]) {
            return vt_error_set(error, "-%s: requires -%s", option->name, other->name);
        }
    }
    for (const char *const *pair = option->wants; pair && *pair; pair += 2) {
        if (!check_wanted(line, option, vt_program_option(line->program, pair[0]), pair[1], error)) {
            return false;
        }
    }
    return true;
}

static bool
check_target(const VtCommandLine *line, const VtOption *option, uint16_t target, GError **error)
{
    uint16_t first = (uint16_t)(option->targets & -(unsigned)option->targets);

    return !option->targets || option->targets & target ||
           vt_error_set(error, "-%s: the option does not exist on target '%s'; did you mean '-%s %s'?", option->name,
                        vt_target_name(target), vt_option_role_name(line, VT_ROLE_TARGET), vt_target_name(first));
}

bool
vt_command_line_check_uses(const VtCommandLine *line, uint16_t target, GError **error)
{
    for (uint32_t i = 0; i < line->program->n_options; i++) {
        const VtOption *option = &line->program->options[i];

        if ((line->named[i] && !check_target(line, option, target, error)) ||
            (line->used[i] && !check_excludes(line, option, error))) {
            return false;
        }
    }
    return true;
}

/* ---- files of the host ----------------------------------------------------------------------------------- */

typedef struct Paths {
    const VtSchema *schema;
    GError *errors;
    const char *where; /* the argument */
} Paths;

static void
check_text(const VtLayer *layer, const VtRow *row, const char *text, void *opaque)
{
    Paths *paths = opaque;

    vt_path_check(paths->schema, layer, row, text, paths->where, &paths->errors);
}

/* Checks the value of an option, of which each element has an argument of its own. */
static void
check_paths(const VtCommandLine *line, const VtOption *option, Paths *paths)
{
    const VtLayer *layer = vt_schema_type_layer(line->schema, line->program->options_type);
    const void *field = (const char *)line->options + option->row->offset;
    g_autofree char *label = g_strdup_printf("-%s", option->name);
    const VtList *list = field;
    VtRow element = *option->row;
    size_t size;

    paths->where = label;
    if (!(element.flags & VT_ROW_LIST)) {
        vt_field_each_text(line->schema, layer, option->row, field, check_text, paths);
        return;
    }
    element.flags &= ~(VT_ROW_LIST | VT_ROW_BOXED);
    size = vt_row_size(line->schema, layer, &element);
    for (size_t i = 0; i < list->n; i++) {
        const void *value = (const char *)list->v + i * size;

        paths->where = vt_command_line_where(line, value);
        vt_field_each_text(line->schema, layer, &element, value, check_text, paths);
    }
}

bool
vt_command_line_check_paths(const VtCommandLine *line, GError **error)
{
    Paths paths = {.schema = line->schema};

    for (uint32_t i = 0; i < line->program->n_options; i++) {
        if (line->used[i] && line->program->options[i].row) {
            check_paths(line, &line->program->options[i], &paths);
        }
    }
    if (paths.errors) {
        g_propagate_error(error, paths.errors);
    }
    return !paths.errors;
}

void
vt_command_line_blame(const VtCommandLine *line, const VtContext *ctx, GError *error)
{
    const VtMachineName *machine = vt_context_machine(ctx);

    vt_option_blame(line, machine ? machine->name : NULL, error);
}

/* ---- options without an implementation ----------------------------------------------------------------- */

const char *
vt_command_line_recorded(const VtCommandLine *line)
{
    for (uint32_t i = 0; i < line->program->n_options; i++) {
        if (line->used[i] && (line->program->options[i].flags & VT_OPTION_RECORDED)) {
            return line->program->options[i].name;
        }
    }
    return NULL;
}

bool
vt_command_line_check_start(const VtCommandLine *line, GError **error)
{
    const char *name = vt_command_line_recorded(line);

    return !name || vt_error_set(error,
                                 "-%s: the option has no implementation yet: it can be configured and resolved, but "
                                 "not started",
                                 name);
}
