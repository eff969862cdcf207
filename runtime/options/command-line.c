/* SPDX-License-Identifier: MIT */
/*
 * The parsed command line.
 */
#include "options-private.h"

#include <json-c/json.h>

#include "vt-runtime/wipe.h"

#define LABELS_BLOCK 1000 /* bytes */

static void
global_source_free(VtGlobalSource *global)
{
    g_free(global->driver);
    g_free(global->property);
    vt_wipe_str(global->value);
    g_free(global->where);
    g_free(global);
}

static void
clear_given(void *given)
{
    vt_source_unref(((VtGiven *)given)->source);
}

VtCommandLine *
vt_command_line_new_empty(const VtProgram *program, const VtSchema *schema)
{
    VtCommandLine *line = g_new0(VtCommandLine, 1);
    const VtType *type = vt_schema_type(schema, program->options_type);
    const VtOption *accel = vt_program_role(program, VT_ROLE_ACCELERATOR);

    line->program = program;
    line->schema = schema;
    line->options = g_malloc0(type->size);
    vt_struct_init(schema, NULL, program->options_type, line->options);
    line->labels = g_string_chunk_new(LABELS_BLOCK);
    line->default_target = VT_TARGET_X86_64;
    line->uses = g_new0(unsigned, program->n_options);
    line->named = g_new0(bool, program->n_options);
    line->arguments = g_array_new(FALSE, FALSE, sizeof(VtArgument));
    line->places = g_array_new(FALSE, FALSE, sizeof(VtPlaceOfValue));
    line->changes = g_ptr_array_new_with_free_func((GDestroyNotify)vt_change_free);
    line->machine = g_ptr_array_new_with_free_func((GDestroyNotify)vt_source_unref);
    line->creations = g_ptr_array_new_with_free_func((GDestroyNotify)vt_source_unref);
    line->late = g_ptr_array_new_with_free_func((GDestroyNotify)vt_source_unref);
    line->given = g_array_new(FALSE, FALSE, sizeof(VtGiven));
    g_array_set_clear_func(line->given, clear_given);
    line->roots = g_new0(const VtClassInfo *, program->n_options);
    line->used = g_new0(bool, program->n_options);
    line->notes = g_ptr_array_new_with_free_func(g_free);
    line->accel_root = accel ? accel->root : NULL;
    line->globals = g_ptr_array_new_with_free_func((GDestroyNotify)global_source_free);
    return line;
}

void
vt_command_line_forget(VtCommandLine *line)
{
    g_ptr_array_set_size(line->machine, 0);
    g_ptr_array_set_size(line->creations, 0);
    g_ptr_array_set_size(line->late, 0);
    g_array_set_size(line->given, 0);
    g_ptr_array_set_size(line->globals, 0);
}

void
vt_command_line_free(VtCommandLine *line)
{
    if (line) {
        vt_struct_clear(line->schema, line->program->options_type, line->options);
        g_free(line->options);
        g_free(line->uses);
        g_string_chunk_free(line->labels);
        g_free(line->named);
        g_array_unref(line->arguments);
        g_array_unref(line->places);
        g_ptr_array_unref(line->changes);
        g_ptr_array_unref(line->machine);
        g_ptr_array_unref(line->creations);
        g_ptr_array_unref(line->late);
        g_array_unref(line->given);
        g_free(line->roots);
        g_free(line->used);
        g_ptr_array_unref(line->notes);
        g_ptr_array_unref(line->globals);
        json_object_put(line->frozen);
        g_free(line->frozen_where);
        g_free(line->machine_name);
        g_free(line->replaced_machine);
        g_free(line->machine_where);
        g_free(line->default_machine);
        g_free(line->help_topic);
        g_free(line);
    }
}

const void *
vt_command_line_options(const VtCommandLine *line)
{
    return line->options;
}

const char *
vt_command_line_where(const VtCommandLine *line, const void *value)
{
    const VtLayer *layer = vt_schema_type_layer(line->schema, line->program->options_type);

    for (guint i = 0; i < line->places->len; i++) {
        const VtPlaceOfValue *place = &g_array_index(line->places, VtPlaceOfValue, i);
        const VtList *list = (const VtList *)((const char *)line->options + place->row->offset);
        VtRow element = *place->row;
        size_t size, index = 0;

        element.flags &= ~(VT_ROW_LIST | VT_ROW_BOXED);
        size = vt_row_size(line->schema, layer, &element);
        for (guint j = 0; j < i; j++) {
            index += g_array_index(line->places, VtPlaceOfValue, j).row == place->row;
        }
        if ((const char *)list->v + index * size == value) {
            return place->where;
        }
    }
    return "command line";
}

const char *
vt_command_line_option(const VtCommandLine *line, const void *value)
{
    size_t offset = (size_t)((const char *)value - (const char *)line->options);

    for (uint32_t i = 0; i < line->program->n_options; i++) {
        const VtOption *option = &line->program->options[i];

        if (option->row && option->row->offset == offset) {
            return option->name;
        }
    }
    g_assert_not_reached();
}

const char *
vt_command_line_str(const VtCommandLine *line, VtRole role)
{
    const VtOption *option = vt_program_role(line->program, role);
    const void *field;

    if (!option || !option->row || (option->row->flags & VT_ROW_LIST)) {
        return NULL;
    }
    field = (const char *)line->options + option->row->offset;
    if (option->row->kind == VT_KIND_ENUM) {
        const VtLayer *layer = vt_schema_type_layer(line->schema, option->row->type);

        return vt_str(
            layer,
            layer->names[vt_schema_type(line->schema, option->row->type)->first + *(const uint32_t *)field].name);
    }
    return option->row->kind == VT_KIND_STR ? *(char *const *)field : NULL;
}

bool
vt_option_is_on(const VtCommandLine *line, VtRole role)
{
    const VtOption *option = vt_program_role(line->program, role);

    return option && *(const bool *)((const char *)line->options + option->row->offset);
}

void
vt_command_line_set_default_machine(VtCommandLine *line, const char *machine)
{
    g_free(line->default_machine);
    line->default_machine = g_strdup(machine);
}

bool
vt_command_line_has_defaults(const VtCommandLine *line)
{
    return !line->omits_defaults && (!line->frozen || line->wants_defaults);
}

void
vt_command_line_omit_defaults(VtCommandLine *line)
{
    line->omits_defaults = true;
}

GPtrArray *
vt_command_line_files(const VtCommandLine *line)
{
    GPtrArray *files = g_ptr_array_new();

    for (guint i = 0; i < line->arguments->len; i++) {
        const VtArgument *argument = &g_array_index(line->arguments, VtArgument, i);

        if (argument->option->role == VT_ROLE_CONFIGURATION) {
            g_ptr_array_add(files, argument->value);
        }
    }
    return files;
}

void
vt_command_line_add_defaults(VtCommandLine *line)
{
    const VtOption *accel = vt_program_role(line->program, VT_ROLE_ACCELERATOR);

    line->omits_defaults = false;
    line->default_accel = accel ? accel->engine_default : NULL;
}

bool
vt_command_line_set_default_target(VtCommandLine *line, const char *target, GError **error)
{
    uint16_t found = vt_target_from_name(target);

    if (!found) {
        return vt_target_fail_unknown(target, error);
    }
    line->default_target = found;
    return true;
}

uint16_t
vt_command_line_target(const VtCommandLine *line)
{
    const VtOption *option = vt_program_role(line->program, VT_ROLE_TARGET);
    const VtType *type = vt_schema_type(line->schema, line->program->options_type);

    if (!option || !option->row ||
        !(*vt_given_word(line->options, type->words_offset, option->row->bit) >> (option->row->bit % 64) & 1)) {
        return line->default_target;
    }
    return vt_target_from_name(vt_command_line_str(line, VT_ROLE_TARGET));
}

bool
vt_command_line_wants_help(const VtCommandLine *line)
{
    return line->wants_help;
}

const char *
vt_command_line_help_topic(const VtCommandLine *line)
{
    return line->help_topic;
}
