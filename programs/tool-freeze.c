/* SPDX-License-Identifier: MIT */
/*
 * vintage freeze: writes a configuration file with all defaults made explicit.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "tool-vm.h"
#include "vt-runtime/contract.h"
#include "vt-runtime/error.h"
#include "vt-runtime/output.h"
#include "vt-runtime/replace-file.h"

static bool
write_file(const char *path, json_object *file, GError **error)
{
    g_autofree char *text = vt_json_pretty(file);

    return vt_file_replace(path, text, strlen(text), error);
}

static int
tell_done(const VtVm *vm, const char *path)
{
    const VtMachineName *machine = vt_context_machine(vt_vm_context(vm));
    uint16_t version = vt_platform_version(vt_context_platform(vt_vm_context(vm)));
    g_autoptr(GArray) keys = vt_vm_objects(vm);

    printf("%s: %s on platform version %s, %u objects\n", path, machine->name,
           vt_schema_version_name(vt_context_schema(vt_vm_context(vm)), VT_AXIS_PLATFORM, version), keys->len);
    return TOOL_DONE;
}

int
tool_freeze(int argc, char **argv)
{
    bool json = false, contract = false;
    const char *path = NULL;
    const ToolOption own[] = {
        TOOL_JSON(&json),
        {.name = "--contract", .doc = "writes what the destination of a migration must have", .flag = &contract},
        {.name = "-o", .word = "FILE", .doc = "writes to a file", .value = &path},
        {NULL}};
    g_auto(ToolVm) one = {{NULL}};
    json_object *file = NULL;
    guint errata;
    bool ok;

    if (!tool_vm_open(&one, "freeze", own, false, argc, argv)) {
        return TOOL_WRONG_USE;
    }
    if (one.vm) {
        file = contract ? vt_vm_contract(one.vm) : vt_command_line_freeze(one.line, one.vm, &one.error);
    }
    if (!file) {
        return tool_failed(one.error);
    }
    errata = contract ? 0 : tool_count_errata(one.vm);
    if (errata) {
        fprintf(stderr,
                "vintage: note: some releases had other values for %u of these defaults; 'vintage audit' lists them\n",
                errata);
    }
    if (!path) {
        tool_print_json(file);
        return TOOL_DONE;
    }
    ok = write_file(path, file, &one.error);
    json_object_put(file);
    if (!ok) {
        return tool_failed(one.error);
    }
    if (json) {
        json_object *done = json_object_new_object();

        json_object_object_add(done, "file", json_object_new_string(path));
        tool_print_json(done);
        return TOOL_DONE;
    }
    return tell_done(one.vm, path);
}
