/* SPDX-License-Identifier: MIT */
/*
 * The help of the human monitor, from the table.
 */
#include "human-private.h"

#include <string.h>

static bool
is_subject(const VtHmp *command)
{
    return g_str_has_prefix(command->name, VT_HUMAN_INFO " ");
}

/* "quit|q -- end the program". */
static void
append_line(GString *out, const VtSchema *schema, const VtHmp *command)
{
    g_autofree char *usage = vt_human_usage(schema, command);
    size_t len = strlen(command->name);

    g_string_append_len(out, usage, (gssize)len);
    for (const char *const *alias = command->aliases; alias && *alias; alias++) {
        g_string_append_printf(out, "|%s", *alias);
    }
    g_string_append_printf(out, "%s -- %s\n", usage + len, vt_text(command->texts, command->doc));
}

static void
append_arguments(GString *out, const VtSchema *schema, const VtHmp *command)
{
    for (unsigned i = 0; i < command->n_args; i++) {
        const VtLayer *layer;
        const VtRow *row = vt_human_row(schema, command, i, &layer);
        g_autofree char *name = g_ascii_strup(vt_str(layer, row->name), -1);

        g_string_append_printf(out, "  %-16s %s\n", name, vt_text(layer->texts, layer->colds[row->cold].doc));
    }
}

static void
append_all(GString *out, const VtProgram *program, const VtSchema *schema, uint16_t target, bool subjects)
{
    for (const VtHmp *command = NULL; (command = vt_human_next(program, target, command));) {
        if (is_subject(command) == subjects) {
            append_line(out, schema, command);
        }
    }
}

bool
vt_human_help(VtMonitor *monitor, const char *topic, GString *out)
{
    const VtSchema *schema = vt_human_schema(monitor);
    const VtProgram *program = vt_human_program(monitor);
    uint16_t target = vt_context_target(vt_vm_context(vt_monitor_service(monitor)->vm));
    g_autofree char *name = NULL;
    const char *rest;
    const VtHmp *command;

    topic = vt_human_blanks(topic);
    if (!*topic || strcmp(topic, VT_HUMAN_INFO) == 0) {
        append_all(out, program, schema, target, *topic);
        if (!*topic) {
            g_string_append(out, VT_HUMAN_INFO " SUBJECT -- show a subject of 'help " VT_HUMAN_INFO "'\n");
        }
        return true;
    }
    command = vt_human_find(program, target, topic, &rest, &name);
    if (!command) {
        return false;
    }
    append_line(out, schema, command);
    append_arguments(out, schema, command);
    return true;
}
