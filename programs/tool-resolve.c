/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "tool-vm.h"

/* Prints {"objects": {key: {"type", "properties"}}} as one table per object. */
static void
print_config(json_object *config)
{
    static const char *const headers[] = {"property", "value", NULL};
    json_object *objects = NULL;

    json_object_object_get_ex(config, "objects", &objects);
    json_object_object_foreach (objects, key, object) {
        json_object *type = NULL, *properties = NULL;
        ToolTable *table = tool_table_new(headers);

        json_object_object_get_ex(object, "type", &type);
        json_object_object_get_ex(object, "properties", &properties);
        tool_print_heading("%s: %s", key, json_object_get_string(type));
        json_object_object_foreach (properties, name, value) {
            /* Absent properties are not in the list. */
            g_autofree char *text = value ? tool_value_text(value) : g_strdup("null");

            tool_table_add(table, (const char *[]){name, text});
        }
        tool_table_print(table, 2);
        putchar('\n');
    }
}

int
tool_resolve(int argc, char **argv)
{
    bool settled = false, json = false;
    const ToolOption own[] = {TOOL_SETTLED(&settled), TOOL_JSON(&json), {NULL}};
    g_auto(ToolVm) one = {{NULL}};
    json_object *config;

    if (!tool_vm_open(&one, "resolve", own, false, argc, argv)) {
        return TOOL_WRONG_USE;
    }
    if (!one.vm) {
        return tool_failed(one.error);
    }
    config = vt_command_line_effective(one.line, one.vm, settled);
    if (json) {
        tool_print_json(config);
    } else {
        print_config(config);
        json_object_put(config);
    }
    return TOOL_DONE;
}
