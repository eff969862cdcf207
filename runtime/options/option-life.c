/* SPDX-License-Identifier: MIT */
/*
 * Options that a release of QEMU does not have, or has deprecated.
 */
#include "options-private.h"

typedef struct Given {
    const VtLifeCheck *check;
    const char *where;
    GError **error;
} Given;

static bool
check_member(const char *path, const VtLayer *layer, const VtCold *cold, void *opaque)
{
    const Given *given = opaque;
    g_autofree char *member = NULL;

    if (!cold->life) {
        return true;
    }
    member = g_strdup_printf("member '%s'", path);
    return vt_life_check(given->check, &layer->lives[cold->life], layer->texts, given->where, member, given->error);
}

/* The option and the members of its value. Those of an option that creates are members of its objects. */
static bool
check_option(const VtCommandLine *line, const VtOption *option, const VtLifeCheck *check, GError **error)
{
    g_autofree char *where = g_strdup_printf("-%s", option->name);

    if (!vt_life_check(check, &option->life, option->texts, where, "the option", error)) {
        return false;
    }
    return !option->row ||
           vt_field_each_given(line->schema, vt_schema_type_layer(line->schema, line->program->options_type),
                               option->row, (const char *)line->options + option->row->offset, check_member,
                               &(Given){check, where, error});
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
