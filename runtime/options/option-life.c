/* SPDX-License-Identifier: MIT */
/*
 * Options that a release of QEMU does not have, or has deprecated.
 */
#include "options-private.h"

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
    for (uint32_t i = 0; i < line->program->n_options; i++) {
        if (line->named[i] && !check_option(line, &line->program->options[i], check, error)) {
            return false;
        }
    }
    return true;
}
