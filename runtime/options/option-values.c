/* SPDX-License-Identifier: MIT */
/*
 * Values that a command line has, for those who write them elsewhere.
 */
#include "options-private.h"

#include <string.h>

#include <json-c/json.h>

#include "vt-runtime/json.h"
#include "vt-runtime/output.h"

const VtProgram *
vt_command_line_program(const VtCommandLine *line)
{
    return line->program;
}

const VtOption *
vt_program_creator(const VtProgram *program, const char *root)
{
    for (uint32_t i = 0; i < program->n_options; i++) {
        const VtOption *option = &program->options[i];

        if (option->root && !option->class_suffixes && strcmp(option->root, root) == 0) {
            return option;
        }
    }
    return NULL;
}

void
vt_command_line_each_option(const VtCommandLine *line, unsigned flags, VtOptionValueFunc func, void *opaque)
{
    const VtLayer *layer = vt_schema_type_layer(line->schema, line->program->options_type);
    const VtType *type = vt_schema_type(line->schema, line->program->options_type);

    for (uint32_t i = 0; i < line->program->n_options; i++) {
        const VtOption *option = &line->program->options[i];
        const VtRow *row = option->row;
        json_object *value;

        /* An alias has the row of its option. */
        if (!row || strcmp(option->name, vt_str(layer, row->name)) != 0 ||
            !vt_is_given(line->options, type->words_offset, row->bit)) {
            continue;
        }
        value = vt_output_field(line->schema, layer, row, (const char *)line->options + row->offset, flags);
        func(option, value, opaque);
        json_object_put(value);
    }
}

json_object *
vt_command_line_globals(const VtCommandLine *line)
{
    json_object *list = json_object_new_array();

    for (guint i = 0; i < line->globals->len; i++) {
        const VtGlobalSource *global = g_ptr_array_index(line->globals, i);

        json_object_array_add(list, vt_option_global(global->driver, global->property, global->value));
    }
    return list;
}

char *
vt_command_line_argument(VtCommandLine *line, const VtOption *option, json_object *value, VtContext *ctx)
{
    return vt_option_argument(line, option, value, ctx, false);
}
