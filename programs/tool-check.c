/* SPDX-License-Identifier: MIT */
/*
 * vintage check: checks a configuration without starting it.
 */
#include <stdio.h>

#include "tool-vm.h"
#include "vintage-vm-options.h"
#include "vt-runtime/error.h"

/* What the check established.  An engine, a program that runs processors, starts what this project does not. */
static const char *
verdict_of(const VtCommandLine *line, const VtVm *vm, const GPtrArray *warnings)
{
    g_autoptr(GPtrArray) objects = vt_vm_in_order(vm);
    bool starts = !vt_command_line_recorded(line);

    for (guint i = 0; i < objects->len; i++) {
        starts = starts && vt_object_class(objects->pdata[i])->row->model != VT_MODEL_NONE;
    }
    if (!starts) {
        return "valid, but needs an engine";
    }
    return warnings->len ? "valid with warnings" : "valid";
}

/* Adds "error", "errors" if there are several, and "data" if the first one has it. */
static void
add_errors(json_object *verdict, const GError *error)
{
    g_auto(GStrv) lines = g_strsplit(error->message, "\n", 0);
    json_object *data = vt_error_data(error), *list;

    json_object_object_add(verdict, "error", json_object_new_string(lines[0]));
    if (data) {
        json_object_object_add(verdict, "data", json_object_get(data));
    }
    if (lines[1]) {
        list = json_object_new_array();
        for (size_t i = 0; lines[i]; i++) {
            json_object_array_add(list, json_object_new_string(lines[i]));
        }
        json_object_object_add(verdict, "errors", list);
    }
}

/* With --json, the result is always printed on standard output. */
static int
print_result(bool json, const VtCommandLine *line, const VtVm *vm, GPtrArray *warnings, const GError *error)
{
    json_object *verdict, *list;

    for (guint i = 0; !json && i < warnings->len; i++) {
        fprintf(stderr, "vintage: warning: %s\n", (const char *)g_ptr_array_index(warnings, i));
    }
    if (!json && error) {
        return tool_failed(error);
    }
    if (!json) {
        printf("%s\n", verdict_of(line, vm, warnings));
        return TOOL_DONE;
    }
    verdict = json_object_new_object();
    json_object_object_add(verdict, "ok", json_object_new_boolean(!error));
    if (error) {
        add_errors(verdict, error);
    } else {
        json_object_object_add(verdict, "verdict", json_object_new_string(verdict_of(line, vm, warnings)));
    }
    if (warnings->len) {
        list = json_object_new_array();
        for (guint i = 0; i < warnings->len; i++) {
            json_object_array_add(list, json_object_new_string(g_ptr_array_index(warnings, i)));
        }
        json_object_object_add(verdict, "warnings", list);
    }
    tool_print_json(verdict);
    return error ? TOOL_WRONG_VM : TOOL_DONE;
}

int
tool_check(int argc, char **argv)
{
    bool json = false;
    const ToolOption own[] = {TOOL_JSON(&json), {NULL}};
    g_autoptr(GPtrArray) warnings = g_ptr_array_new_with_free_func(g_free);
    g_auto(ToolVm) one = {{NULL}};

    if (!tool_vm_open(&one, "check", own, false, argc, argv)) {
        return TOOL_WRONG_USE;
    }
    if (one.vm) {
        VtLifeCheck life = {one.schema, vt_context_release(vt_vm_context(one.vm)), one.has_release, warnings, NULL};
        ServiceOptions options;

        vintage_vm_read_options(vt_command_line_options(one.line), &options);
        life.policy = options.compat;
        if (vt_command_line_check_life(one.line, &life, &one.error)) {
            vt_vm_check_life(one.vm, &life, &one.error);
        }
        vt_life_unique(warnings);
    }
    return print_result(json, one.line, one.vm, warnings, one.error);
}
