/* SPDX-License-Identifier: MIT */
/*
 * vintage convert: writes a VM in another form.
 */
#include "tool-forms.h"
#include "tool-vm.h"

int
tool_convert(int argc, char **argv)
{
    bool json = false;
    const char *to = NULL;
    const ToolOption own[] = {TOOL_FORM(&to), TOOL_JSON(&json), {NULL}};
    g_auto(ToolVm) one = {{NULL}};
    json_object *config;
    int status;

    if (!tool_vm_open(&one, "convert", own, false, argc, argv) || !tool_form_check("convert", to)) {
        return TOOL_WRONG_USE;
    }
    config = one.vm ? vt_command_line_convert(one.line, &one.error) : NULL;
    if (!config) {
        return tool_failed(one.error);
    }
    status = tool_form_print(one.line, config, to, json);
    json_object_put(config);
    return status;
}
