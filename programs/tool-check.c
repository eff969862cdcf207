/* SPDX-License-Identifier: MIT */
/*
 * vintage check: whether a configuration is right, without starting it.
 */
#include <stdio.h>

#include "tool.h"

/* With --json the verdict is the output, whichever it is. */
static int
tell(bool json, const GError *error)
{
    json_object *verdict;

    if (!json && error) {
        return tool_failed(error);
    }
    if (!json) {
        printf("ok\n");
        return TOOL_DONE;
    }
    verdict = json_object_new_object();
    json_object_object_add(verdict, "ok", json_object_new_boolean(!error));
    if (error) {
        json_object_object_add(verdict, "error", json_object_new_string(error->message));
    }
    tool_print_json(verdict);
    return error ? TOOL_WRONG_VM : TOOL_DONE;
}

int
tool_check(int argc, char **argv)
{
    bool json = false, check_host = false;
    VtOverrides overrides = {NULL};
    const ToolOption options[] = {
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

    if (!tool_arguments_parse(&arguments, "check", options, argc, argv)) {
        return TOOL_WRONG_USE;
    }
    if (!tool_arguments_are_one_vm(&arguments)) {
        return tool_misused("check", TOOL_ONE_VM);
    }
    schema = tool_schema_new();
    line = tool_vm_of(schema, &arguments, &error);
    vm = line ? tool_plan(line, &overrides, check_host, &error) : NULL;
    return tell(json, vm ? NULL : error);
}
