/* SPDX-License-Identifier: MIT */
/*
 * The program's option table: lookup by name, and the classes that options create.
 */
#include "options-private.h"

#include <string.h>

#include "vt-runtime/error.h"

const VtOption *
vt_program_option(const VtProgram *program, const char *name)
{
    for (uint32_t i = 0; i < program->n_options; i++) {
        const char *known = program->options[i].name;

        if (known[0] == name[0] && strcmp(known, name) == 0) {
            return &program->options[i];
        }
    }
    return NULL;
}

bool
vt_option_unknown(const VtProgram *program, const char *prefix, const char *name, GError **error)
{
    g_autofree const char **names = g_new0(const char *, program->n_options + 1);
    const char *nearest;

    for (uint32_t i = 0; i < program->n_former; i++) {
        const VtFormerOption *former = &program->former[i];

        if (strcmp(former->name, name) == 0) {
            return vt_error_set(error, "%s%s: the option was removed in release %s: %s", prefix, name, former->release,
                                former->why);
        }
    }
    for (uint32_t i = 0; i < program->n_options; i++) {
        names[i] = program->options[i].name;
    }
    nearest = vt_nearest(name, names);
    if (nearest) {
        return vt_error_set(error, "%s%s: unknown option; did you mean '%s%s'?", prefix, name, prefix, nearest);
    }
    return vt_error_set(error, "%s%s: unknown option", prefix, name);
}

bool
vt_option_is(const VtProgram *program, const VtOption *option, const char *name)
{
    const VtOption *known;

    if (strcmp(option->name, name) == 0) {
        return true;
    }
    known = option->row ? vt_program_option(program, name) : NULL;
    return known && known->row == option->row;
}

const VtClassInfo *
vt_option_class(const VtCommandLine *line, const VtOption *option)
{
    const VtClassInfo **root = &line->roots[option - line->program->options];

    if (!*root && option->root) {
        *root = vt_schema_class(line->schema, option->root);
    }
    return *root;
}

const char *
vt_option_role_name(const VtCommandLine *line, VtRole role)
{
    const VtOption *option = vt_program_role(line->program, role);

    return option ? option->name : "";
}

const VtClassInfo *
vt_option_root(const VtCommandLine *line, const char *name)
{
    const VtOption *option = vt_program_option(line->program, name);

    return option ? vt_option_class(line, option) : NULL;
}
