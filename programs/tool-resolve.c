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
        {.name = "--settled", .flag = &settled},
        {.name = "--json", .flag = &json},
        {.name = "--check-host", .flag = &check_host},
        {.name = "--machine", .value = &overrides.machine},
        {.name = "--platform-version", .value = &overrides.platform_version},
        {.name = "--target", .value = &overrides.target},
        {.name = "--probe-file", .value = &overrides.probe_file},
        {NULL},
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
    if (!tool_arguments_are_one_vm(&arguments)) {
        return tool_misused("resolve", TOOL_ONE_VM);
    }
    schema = tool_schema_new();
    line = tool_vm_of(schema, &arguments, &error);
    vm = line ? tool_plan(line, &overrides, check_host, &error) : NULL;
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
