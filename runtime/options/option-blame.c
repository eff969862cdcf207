/* SPDX-License-Identifier: MIT */
/*
 * Errors of a plan in the order of the arguments. Those of the machine name the option that the user wrote: options
 * such as -smp set members of the machine.
 */
#include "options-private.h"

#include <string.h>

#include <json-c/json.h>

/* The last option that set the member @key of the machine, or NULL. */
static const VtSource *
blamed_source(const VtCommandLine *line, const char *key)
{
    for (guint i = line->machine->len; i-- > 0;) {
        const VtSource *source = g_ptr_array_index(line->machine, i);
        json_object *value;

        if (source->tree && json_object_is_type(source->tree, json_type_object) &&
            json_object_object_get_ex(source->tree, key, &value)) {
            return source;
        }
    }
    return NULL;
}

/* The line of an error about the machine, with the option that the user wrote; NULL: it is about something else. */
static char *
blame(const VtCommandLine *line, const char *prefix, const char *text)
{
    const char *rest = text + strlen(prefix);
    g_autofree char *key = NULL;
    const VtSource *source;
    size_t len;

    if (!g_str_has_prefix(text, prefix)) {
        return NULL;
    }
    len = strcspn(rest, ":");
    key = g_strndup(rest, len);
    source = blamed_source(line, key);
    /* The message names another argument, or an option, or a machine that the user did not name. */
    if (*rest != '-' && !source && line->machine_name) {
        return NULL;
    }
    return source && rest[len] ? g_strdup_printf("%s: %s", source->where, rest + len + 2) : g_strdup(rest);
}

/* ---- order --------------------------------------------------------------------------------------------- */

typedef struct Line {
    char *text; /* owned */
    guint at;   /* the argument that it is about, after the last one: none */
} Line;

guint
vt_option_argument_of(const VtCommandLine *line, const char *text)
{
    guint found = line->arguments->len;
    size_t longest = 0;

    for (guint i = 0; i < line->arguments->len; i++) {
        const char *label = g_array_index(line->arguments, VtArgument, i).label;
        size_t len = label ? strlen(label) : 0;

        if (len > longest && strncmp(text, label, len) == 0 && text[len] == ':') {
            found = i;
            longest = len;
        }
    }
    return found;
}

static gint
compare_arguments(gconstpointer a, gconstpointer b)
{
    const Line *first = a, *second = b;

    return first->at < second->at ? -1 : first->at > second->at;
}

static void
error_line_clear(void *line)
{
    g_free(((Line *)line)->text);
}

void
vt_option_blame(const VtCommandLine *line, const char *machine, GError *error)
{
    g_autofree char *prefix =
        g_strdup_printf("-%s %s: ", vt_option_role_name(line, VT_ROLE_MACHINE), machine ? machine : "");
    g_auto(GStrv) texts = g_strsplit(error->message, "\n", 0);
    g_autoptr(GArray) lines = g_array_new(FALSE, FALSE, sizeof(Line));
    GString *joined = g_string_new(NULL);

    g_array_set_clear_func(lines, error_line_clear);
    for (size_t i = 0; texts[i]; i++) {
        char *blamed = blame(line, prefix, texts[i]);
        Line one = {blamed ? blamed : g_strdup(texts[i]), 0};

        one.at = vt_option_argument_of(line, one.text);
        g_array_append_val(lines, one);
    }
    g_array_sort(lines, compare_arguments);
    for (guint i = 0; i < lines->len; i++) {
        g_string_append_printf(joined, "%s%s", i ? "\n" : "", g_array_index(lines, Line, i).text);
    }
    g_free(error->message);
    error->message = g_string_free(joined, FALSE);
}
