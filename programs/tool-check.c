/* SPDX-License-Identifier: MIT */
/*
 * vintage check: checks a configuration without starting it.
 */
#include <stdio.h>

#include "tool-vm.h"

/* With --json, the result is always printed on standard output. */
static int
print_result(bool json, const GError *error)
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
    bool json = false;
    const ToolOption own[] = {{.name = "--json", .flag = &json}, {NULL}};
    g_auto(ToolVm) one = {{NULL}};

    if (!tool_vm_open(&one, "check", own, false, argc, argv)) {
        return TOOL_WRONG_USE;
    }
    return print_result(json, one.vm ? NULL : one.error);
}
