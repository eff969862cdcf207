/* SPDX-License-Identifier: MIT */
/*
 * Words of a line, and the command that it names.
 */
#include "human-private.h"

#include <string.h>

#include "vt-runtime/error.h"

const VtProgram *
vt_human_program(VtMonitor *monitor)
{
    return vt_monitor_service(monitor)->program;
}

const VtSchema *
vt_human_schema(VtMonitor *monitor)
{
    return vt_context_schema(vt_vm_context(vt_monitor_service(monitor)->vm));
}

const char *
vt_human_blanks(const char *text)
{
    while (g_ascii_isspace(*text)) {
        text++;
    }
    return text;
}

/* The character that follows a backslash in quotes. */
static char
escaped(char c)
{
    return c == 'n' ? '\n' : c == 'r' ? '\r' : c;
}

static char *
quoted_word(const char **text, GError **error)
{
    const char *p = *text + 1;
    g_autoptr(GString) word = g_string_new(NULL);

    for (; *p && *p != '"'; p++) {
        if (*p == '\\' && p[1]) {
            p++;
            g_string_append_c(word, escaped(*p));
        } else {
            g_string_append_c(word, *p);
        }
    }
    if (*p != '"') {
        vt_error_set(error, "the quote before '%s' has no end", *text + 1);
        return NULL;
    }
    *text = p + 1;
    return g_strdup(word->str);
}

char *
vt_human_word(const char **text, GError **error)
{
    const char *start = vt_human_blanks(*text), *p = start;

    *text = start;
    if (!*start) {
        return NULL;
    }
    if (*start == '"') {
        return quoted_word(text, error);
    }
    while (*p && !g_ascii_isspace(*p)) {
        p++;
    }
    *text = p;
    return g_strndup(start, (size_t)(p - start));
}

/* ---- commands -------------------------------------------------------------------------------------------- */

const VtHmp *
vt_human_next(const VtProgram *program, uint16_t target, const VtHmp *before)
{
    const VtHmp *end = program->hmps + program->n_hmps;

    for (const VtHmp *command = before ? before + 1 : program->hmps; command < end; command++) {
        if (!command->targets || !target || command->targets & target) {
            return command;
        }
    }
    return NULL;
}

static bool
is_named(const VtHmp *command, const char *name)
{
    if (strcmp(command->name, name) == 0) {
        return true;
    }
    for (const char *const *alias = command->aliases; alias && *alias; alias++) {
        if (strcmp(*alias, name) == 0) {
            return true;
        }
    }
    return false;
}

/* "x/8i 0x100": a format follows the name without a blank. */
static size_t
name_len(const char *text)
{
    size_t len = 0;

    while (text[len] && !g_ascii_isspace(text[len]) && text[len] != '/') {
        len++;
    }
    return len;
}

const VtHmp *
vt_human_find(const VtProgram *program, uint16_t target, const char *line, const char **ret_rest, char **ret_name)
{
    const char *start = vt_human_blanks(line);
    const char *end = start + name_len(start);
    g_autofree char *name = g_strndup(start, (size_t)(end - start));

    if (strcmp(name, VT_HUMAN_INFO) == 0 && *vt_human_blanks(end)) {
        const char *subject = vt_human_blanks(end);
        g_autofree char *word = g_strndup(subject, name_len(subject));

        end = subject + strlen(word);
        g_free(name);
        name = g_strdup_printf(VT_HUMAN_INFO " %s", word);
    }
    *ret_rest = end;
    for (const VtHmp *command = NULL; (command = vt_human_next(program, target, command));) {
        if (is_named(command, name)) {
            *ret_name = g_steal_pointer(&name);
            return command;
        }
    }
    *ret_name = g_steal_pointer(&name);
    return NULL;
}

/* ---- arguments ------------------------------------------------------------------------------------------- */

const VtRow *
vt_human_row(const VtSchema *schema, const VtHmp *command, unsigned index, const VtLayer **ret_layer)
{
    *ret_layer = vt_schema_type_layer(schema, command->arg_type);
    return &(*ret_layer)->rows[vt_schema_type(schema, command->arg_type)->first + index];
}

const char *
vt_human_argument_name(const VtSchema *schema, const VtHmp *command, unsigned index)
{
    const VtLayer *layer;
    const VtRow *row = vt_human_row(schema, command, index, &layer);

    return vt_str(layer, row->name);
}

bool
vt_human_is_optional(const VtRow *row)
{
    return !(row->flags & VT_ROW_REQUIRED);
}

char *
vt_human_usage(const VtSchema *schema, const VtHmp *command)
{
    g_autoptr(GString) text = g_string_new(command->name);

    for (unsigned i = 0; i < command->n_args; i++) {
        const VtLayer *layer;
        const VtRow *row = vt_human_row(schema, command, i, &layer);
        bool optional = vt_human_is_optional(row);
        g_autofree char *name = g_ascii_strup(vt_str(layer, row->name), -1);
        char flag = command->args[i].flag;

        g_string_append(text, optional ? " [" : " ");
        if (flag == '/') {
            g_string_append_printf(text, "/%s", name);
        } else if (flag) {
            g_string_append_printf(text, "-%c%s%s", flag, row->kind == VT_KIND_BOOL ? "" : " ",
                                   row->kind == VT_KIND_BOOL ? "" : name);
        } else {
            g_string_append(text, name);
        }
        g_string_append(text, optional ? "]" : "");
    }
    return g_strdup(text->str);
}
