/* SPDX-License-Identifier: MIT */
/*
 * vintage convert: writes a VM in another form.
 */
#include <stdio.h>
#include <string.h>

#include "tool-vm.h"
#include "vt-runtime/error.h"
#include "vt-runtime/json.h"

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
convert_commands(const ToolVm *one, json_object *config, bool json)
{
    g_autoptr(GPtrArray) left = g_ptr_array_new_with_free_func(g_free);
    json_object *commands = vt_command_line_commands(one->line, config, left);

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
convert_arguments(ToolVm *one, json_object *config, bool members_as_json, bool json)
{
    g_autoptr(GPtrArray) arguments = vt_command_line_arguments(one->line, config, members_as_json, &one->error);

    if (!arguments) {
        return tool_failed(one->error);
    }
    if (json) {
        print_list(arguments);
    } else {
        print_arguments(arguments);
    }
    return TOOL_DONE;
}

int
tool_convert(int argc, char **argv)
{
    static const char *const forms[] = {"argv", "json", "config", "qmp", NULL};
    bool json = false;
    const char *to = NULL;
    const ToolOption own[] = {
        {.name = "--to", .value = &to, .word = "FORM", .doc = "argv, json, config or qmp"}, TOOL_JSON(&json), {NULL}};
    g_auto(ToolVm) one = {{NULL}};
    json_object *config;
    int status;

    if (!tool_vm_open(&one, "convert", own, false, argc, argv)) {
        return TOOL_WRONG_USE;
    }
    if (!to || !g_strv_contains(forms, to)) {
        return tool_misused("convert", "--to: expected argv, json, config or qmp%s%s", to ? ", got " : "",
                            to ? to : "");
    }
    config = one.vm ? vt_command_line_convert(one.line, &one.error) : NULL;
    if (!config) {
        return tool_failed(one.error);
    }
    if ((json || strcmp(to, "argv") != 0) && !check_text(config, &one.error)) {
        json_object_put(config);
        return tool_failed(one.error);
    }
    if (strcmp(to, "config") == 0) {
        tool_print_json(config);
        return TOOL_DONE;
    }
    status = strcmp(to, "qmp") == 0 ? convert_commands(&one, config, json)
                                    : convert_arguments(&one, config, strcmp(to, "json") == 0, json);
    json_object_put(config);
    return status;
}
