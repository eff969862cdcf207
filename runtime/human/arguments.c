/* SPDX-License-Identifier: MIT */
/*
 * Arguments of a command: a text for each row of its struct, read by the kind of the row.
 */
#include "human-private.h"

#include <string.h>

#include <json-c/json.h>

#include "vt-runtime/codec.h"
#include "vt-runtime/error.h"

/* Reads the arguments of a command. */
typedef struct Arguments {
    const VtSchema *schema;
    const VtHmp *command;
    const char *p; /* what is left of the line */
    json_object *result;
} Arguments;

static bool
fail_usage(const Arguments *arguments, GError **error)
{
    g_autofree char *usage = vt_human_usage(arguments->schema, arguments->command);

    g_prefix_error(error, "%s: ", arguments->command->name);
    if (error && *error) {
        char *message = g_strdup_printf("%s; usage: %s", (*error)->message, usage);

        g_free((*error)->message);
        (*error)->message = message;
    }
    return false;
}

static bool
read_bool(const char *word, json_object **ret, GError **error)
{
    bool on = strcmp(word, "on") == 0;

    if (!on && strcmp(word, "off") != 0) {
        return vt_error_set(error, "expected 'on' or 'off', got '%s'", word);
    }
    *ret = json_object_new_boolean(on);
    return true;
}

static bool
read_size(const char *word, unsigned shift, json_object **ret, GError **error)
{
    int64_t value;

    if (!vt_size_parse(word, shift, &value, error)) {
        return false;
    }
    *ret = json_object_new_int64(value);
    return true;
}

static bool
read_real(const char *word, json_object **ret, GError **error)
{
    char *end;
    double value = g_ascii_strtod(word, &end);

    if (end == word || *end) {
        return vt_error_set(error, "expected a number, got '%s'", word);
    }
    *ret = json_object_new_double(value);
    return true;
}

/* A number, or one of the names of a scalar. */
static json_object *
scalar_value(const char *word)
{
    const char *p = word;
    int64_t value;

    return vt_human_number(&p, &value, NULL) && !*p ? json_object_new_int64(value) : json_object_new_string(word);
}

static bool
read_word(Arguments *arguments, const VtRow *row, unsigned shift, json_object **ret, GError **error)
{
    g_autoptr(GError) failure = NULL;
    g_autofree char *word = vt_human_word(&arguments->p, &failure);

    if (!word) {
        if (failure) {
            g_propagate_error(error, g_steal_pointer(&failure));
            return false;
        }
        return vt_error_set(error, "a value is missing");
    }
    switch ((VtKind)row->kind) {
    case VT_KIND_BOOL:
        return read_bool(word, ret, error);
    case VT_KIND_SIZE:
        return read_size(word, shift, ret, error);
    case VT_KIND_NUMBER:
        return read_real(word, ret, error);
    case VT_KIND_SCALAR:
        *ret = scalar_value(word);
        return true;
    default:
        *ret = json_object_new_string(word);
        return true;
    }
}

static bool
is_integer(const VtRow *row)
{
    return row->kind >= VT_KIND_INT8 && row->kind <= VT_KIND_UINT64;
}

static bool
read_integer(Arguments *arguments, unsigned shift, json_object **ret, GError **error)
{
    int64_t value;

    arguments->p = vt_human_blanks(arguments->p);
    if (!*arguments->p) {
        return vt_error_set(error, "a number is missing");
    }
    if (!vt_human_number(&arguments->p, &value, error)) {
        return false;
    }
    if (*arguments->p && !g_ascii_isspace(*arguments->p)) {
        return vt_error_set(error, "expected the end of a number, got '%s'", arguments->p);
    }
    if (value > INT64_MAX >> shift || value < INT64_MIN >> shift) {
        return vt_error_set(error, "%" G_GINT64_FORMAT " is out of range", value);
    }
    *ret = json_object_new_int64(value * (INT64_C(1) << shift));
    return true;
}

/* The rest of the line, or one word in quotes that is all of it. */
static bool
read_rest(Arguments *arguments, json_object **ret, GError **error)
{
    const char *p = vt_human_blanks(arguments->p);
    g_autofree char *text = g_strchomp(g_strdup(p));

    if (*p == '"') {
        g_autoptr(GError) failure = NULL;
        g_autofree char *word = vt_human_word(&p, &failure);

        if (failure) {
            g_propagate_error(error, g_steal_pointer(&failure));
            return false;
        }
        if (!*vt_human_blanks(p)) {
            g_free(text);
            text = g_steal_pointer(&word);
        }
    }
    arguments->p = "";
    *ret = *text ? json_object_new_string(text) : NULL;
    return true;
}

/* Reads the value of argument @index. */
static bool
read_value(Arguments *arguments, unsigned index, GError **error)
{
    const VtHmpArg *arg = &arguments->command->args[index];
    const char *name = vt_human_argument_name(arguments->schema, arguments->command, index);
    const VtLayer *layer;
    const VtRow *row = vt_human_row(arguments->schema, arguments->command, index, &layer);
    json_object *value = NULL;

    if (!(arg->rest         ? read_rest(arguments, &value, error)
          : is_integer(row) ? read_integer(arguments, arg->shift, &value, error)
                            : read_word(arguments, row, arg->shift, &value, error))) {
        g_prefix_error(error, "%s: ", name);
        return false;
    }
    if (value) {
        json_object_object_add(arguments->result, name, value);
    }
    return true;
}

/* ---- flags ----------------------------------------------------------------------------------------------- */

/* The number of the argument whose flag is @letter, or -1. */
static int
find_flag(const VtHmp *command, char letter)
{
    for (unsigned i = 0; i < command->n_args; i++) {
        if (command->args[i].flag == letter) {
            return (int)i;
        }
    }
    return -1;
}

static bool
has_flags(const VtHmp *command)
{
    for (unsigned i = 0; i < command->n_args; i++) {
        if (command->args[i].flag && command->args[i].flag != '/') {
            return true;
        }
    }
    return false;
}

/* Reads "-f", "-f VALUE" or "/FORMAT", if the line goes on with one.  *ret_read: it does. */
static bool
read_flag(Arguments *arguments, bool *ret_read, GError **error)
{
    const char *p = arguments->p = vt_human_blanks(arguments->p);
    const VtLayer *layer;
    int index;

    *ret_read = false;
    if (*p == '/' && (index = find_flag(arguments->command, '/')) >= 0) {
        arguments->p++;
        *ret_read = true;
        return read_value(arguments, (unsigned)index, error);
    }
    if (*p != '-' || !g_ascii_isalpha(p[1]) || (p[2] && !g_ascii_isspace(p[2])) || !has_flags(arguments->command)) {
        return true;
    }
    index = find_flag(arguments->command, p[1]);
    if (index < 0) {
        return vt_error_set(error, "unknown flag '-%c'", p[1]);
    }
    arguments->p += 2;
    *ret_read = true;
    if (vt_human_row(arguments->schema, arguments->command, (unsigned)index, &layer)->kind != VT_KIND_BOOL) {
        return read_value(arguments, (unsigned)index, error);
    }
    json_object_object_add(arguments->result,
                           vt_human_argument_name(arguments->schema, arguments->command, (unsigned)index),
                           json_object_new_boolean(true));
    return true;
}

static bool
read_flags(Arguments *arguments, GError **error)
{
    bool more = true;

    while (more) {
        if (!read_flag(arguments, &more, error)) {
            return false;
        }
    }
    return true;
}

/* ---- all arguments --------------------------------------------------------------------------------------- */

static bool
read_all(Arguments *arguments, GError **error)
{
    const VtHmp *command = arguments->command;

    for (unsigned i = 0; i < command->n_args; i++) {
        const VtLayer *layer;
        const VtRow *row = vt_human_row(arguments->schema, command, i, &layer);

        if (!read_flags(arguments, error)) {
            return false;
        }
        if (command->args[i].flag) {
            continue;
        }
        if (!*arguments->p) {
            if (!vt_human_is_optional(row)) {
                return vt_error_set(error, "%s: a value is missing", vt_str(layer, row->name));
            }
            continue;
        }
        if (!read_value(arguments, i, error)) {
            return false;
        }
    }
    if (!read_flags(arguments, error)) {
        return false;
    }
    return !*arguments->p || vt_error_set(error, "'%s' is one argument too many", arguments->p);
}

json_object *
vt_human_arguments(const VtSchema *schema, const VtHmp *command, const char *text, GError **error)
{
    Arguments arguments = {schema, command, text, json_object_new_object()};
    g_autoptr(GError) failure = NULL;

    if (!read_all(&arguments, &failure)) {
        fail_usage(&arguments, &failure);
        g_propagate_error(error, g_steal_pointer(&failure));
        json_object_put(arguments.result);
        return NULL;
    }
    return arguments.result;
}
