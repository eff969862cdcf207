/* SPDX-License-Identifier: MIT */
#include "tool-forms.h"

#include <string.h>

#include "vt-runtime/error.h"
#include "vt-runtime/json.h"

bool
tool_form_check(const char *command, const char *form)
{
    static const char *const forms[] = {"argv", "json", "config", "qmp", NULL};
    bool ok = form && g_strv_contains(forms, form);

    if (!ok) {
        tool_misused(command, "--to: expected argv, json, config or qmp%s%s", form ? ", got " : "", form ? form : "");
    }
    return ok;
}

/* Prints one option a line. */
static void
print_arguments(const GPtrArray *arguments)
{
    for (guint i = 0; i < arguments->len; i++) {
        g_autofree char *word = tool_shell_word(arguments->pdata[i]);
        const char *next = i + 1 < arguments->len ? arguments->pdata[i + 1] : NULL;

        printf("%s%s", word, !next ? "\n" : next[0] == '-' ? " \\\n" : " ");
    }
}

static void
print_list(const GPtrArray *arguments)
{
    json_object *list = json_object_new_array();

    for (guint i = 0; i < arguments->len; i++) {
        json_object_array_add(list, json_object_new_string(arguments->pdata[i]));
    }
    tool_print_json(list);
}

/* Names the options that QMP has no command for. */
static void
tell_left(const GPtrArray *left)
{
    for (guint i = 0; i < left->len; i++) {
        fprintf(stderr, "%s-%s%s", i ? ", " : "vintage: note: no QMP command creates: ", (char *)left->pdata[i],
                i + 1 < left->len ? "" : "\n");
    }
}

/* JSON has text in UTF-8; a path on the command line may be other bytes. */
static bool
check_text(json_object *config, GError **error)
{
    json_object_object_foreach (config, name, value) {
        g_autofree char *text = vt_json_text(value);

        if (!g_utf8_validate(text, -1, NULL)) {
            return vt_error_set(error, "-%s: the value is not UTF-8, so JSON cannot hold it; use '--to argv'", name);
        }
    }
    return true;
}

static int
print_commands(const VtCommandLine *line, json_object *config, bool json)
{
    g_autoptr(GPtrArray) left = g_ptr_array_new_with_free_func(g_free);
    json_object *commands = vt_command_line_commands(line, config, left);

    tell_left(left);
    if (json) {
        tool_print_json(commands);
        return TOOL_DONE;
    }
    for (size_t i = 0; i < json_object_array_length(commands); i++) {
        g_autofree char *text = vt_json_line(json_object_array_get_idx(commands, i));

        fputs(text, stdout);
    }
    json_object_put(commands);
    return TOOL_DONE;
}

static int
print_words(VtCommandLine *line, json_object *config, bool members_as_json, bool json)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) arguments = vt_command_line_arguments(line, config, members_as_json, &error);

    if (!arguments) {
        return tool_failed(error);
    }
    if (json) {
        print_list(arguments);
    } else {
        print_arguments(arguments);
    }
    return TOOL_DONE;
}

int
tool_form_print(VtCommandLine *line, json_object *config, const char *form, bool json)
{
    g_autoptr(GError) error = NULL;

    if ((json || strcmp(form, "argv") != 0) && !check_text(config, &error)) {
        return tool_failed(error);
    }
    if (strcmp(form, "config") == 0) {
        tool_print_json(json_object_get(config));
        return TOOL_DONE;
    }
    return strcmp(form, "qmp") == 0 ? print_commands(line, config, json)
                                    : print_words(line, config, strcmp(form, "json") == 0, json);
}
