/* SPDX-License-Identifier: MIT */
/*
 * Arguments that are values of options of the command line: "device_add virtio-blk-pci,drive=d".
 */
#include "human-private.h"

#include <string.h>

#include <json-c/json.h>

#include "vt-runtime/error.h"
#include "vt-runtime/options.h"

/* What the command line "-OPTION TEXT" creates. */
static json_object *
commands_of(VtMonitor *monitor, VtCommandLine *line, const char *option, GError **error)
{
    json_object *config = vt_command_line_convert_in(line, vt_vm_context(vt_monitor_service(monitor)->vm), error),
                *list;
    g_autoptr(GPtrArray) left = g_ptr_array_new_with_free_func(g_free);

    if (!config) {
        return NULL;
    }
    list = vt_command_line_commands(line, config, left);
    json_object_put(config);
    if (left->len) {
        json_object_put(list);
        vt_error_set(error, "no command creates such a value of -%s while the program runs", option);
        return NULL;
    }
    return list;
}

json_object *
vt_human_option(VtMonitor *monitor, const char *option, const char *text, GString *help, GError **error)
{
    const VtSchema *schema = vt_human_schema(monitor);
    const VtProgram *program = vt_human_program(monitor);
    g_autofree char *name = g_strdup_printf("-%s", option);
    g_autofree char *value = g_strdup(text);
    char *argv[] = {name, value};
    g_autoptr(VtCommandLine) line = vt_command_line_new(program, schema, G_N_ELEMENTS(argv), argv, error);
    uint16_t target = vt_context_target(vt_vm_context(vt_monitor_service(monitor)->vm));
    g_autofree char *shown = NULL;

    if (!line || (target && !vt_command_line_set_default_target(line, vt_target_name(target), error))) {
        return NULL;
    }
    if (!vt_command_line_wants_help(line)) {
        return commands_of(monitor, line, option, error);
    }
    shown = vt_command_line_help(program, schema, line, error);
    if (!shown) {
        return NULL;
    }
    g_string_append(help, shown);
    return json_object_new_array();
}

bool
vt_human_option_help(VtMonitor *monitor, const char *option, GString *out, GError **error)
{
    json_object *none = vt_human_option(monitor, option, "help", out, error);

    json_object_put(none);
    return none;
}
