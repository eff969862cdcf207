/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "tool.h"

/* {"objects": {key: {"type", "properties"}}} as one table per object. */
static void
print_tables(json_object *config)
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
            g_autofree char *text = tool_value_text(value);

            tool_table_add(table, (const char *[]){name, text});
        }
        tool_table_print(table, 2);
        putchar('\n');
    }
}

int
tool_resolve(int argc, char **argv)
{
    bool settled = false, json = false, check_host = false;
    VtOverrides overrides = {NULL};
    const ToolOption options[] = {
        {"--settled", &settled, NULL},
        {"--json", &json, NULL},
        {"--check-host", &check_host, NULL},
        {"--machine", NULL, &overrides.machine},
        {"--platform-version", NULL, &overrides.platform_version},
        {"--target", NULL, &overrides.target},
        {"--probe-file", NULL, &overrides.probe_file},
        {NULL, NULL, NULL},
    };
    g_auto(ToolArguments) arguments = {NULL};
    g_autoptr(VtSchema) schema = NULL;
    g_autoptr(VtCommandLine) line = NULL;
    g_autoptr(VtVm) vm = NULL;
    g_autoptr(GError) error = NULL;
    json_object *config;

    if (!tool_arguments_parse(&arguments, "resolve", options, argc, argv)) {
        return TOOL_WRONG_USE;
    }
    if (arguments.words->len + arguments.has_vm != 1) {
        return tool_misused("resolve", "expected one FILE.json, or '--' and the options of a VM");
    }
    schema = tool_schema_new();
    line = arguments.has_vm ? tool_vm_new(schema, arguments.n_vm, arguments.vm, &error)
                            : tool_vm_new(schema, 1, (char **)arguments.words->pdata, &error);
    if (!line) {
        return tool_failed(error);
    }
    if (check_host) {
        g_autofree char *notice = NULL;

        vm = vt_command_line_choose(line, &overrides, &notice, &error);
        if (notice) {
            fprintf(stderr, "vintage: %s\n", notice);
        }
    } else {
        vm = vt_command_line_plan(line, &overrides, &error);
    }
    if (!vm) {
        return tool_failed(error);
    }
    config = vt_vm_effective_config(vm, settled);
    if (json) {
        tool_print_json(config);
    } else {
        print_tables(config);
        json_object_put(config);
    }
    return TOOL_DONE;
}
