/* SPDX-License-Identifier: MIT */
/*
 * vintage upgrade: moves a VM to another version of its machine or of the platform, so that its guest sees what it saw.
 */
#include <stdio.h>
#include <string.h>

#include <json-c/json.h>

#include "tool-diff-groups.h"
#include "tool-diff-side.h"
#include "tool-terminal.h"
#include "tool-upgrade-output.h"
#include "vt-runtime/error.h"
#include "vt-runtime/json.h"
#include "vt-runtime/replace-file.h"

typedef struct Command {
    const char *machine, *platform, *path, *color;
    bool json, interactive, all, fixed;
    GPtrArray *accepted; /* patterns */
    VtOverrides from;
} Command;

/* ---- acceptance ---------------------------------------------------------------------------------------- */

/* Accepts what the options say.  Fails for a pattern that accepts nothing: it is misspelt, or of another version. */
static bool
accept_changes(const Command *command, Upgrade *upgrade, GError **error)
{
    for (guint i = 0; i < command->accepted->len; i++) {
        const char *pattern = command->accepted->pdata[i];
        bool found = false;

        for (guint j = 0; j < upgrade->changes->len; j++) {
            if (diff_matches(&g_array_index(upgrade->changes, VtDiff, j), pattern)) {
                upgrade_accept(upgrade, j);
                found = true;
            }
        }
        if (!found) {
            return vt_error_set(error, "--accept: '%s' selects no change; expected OBJECT, TYPE or OBJECT.PROPERTY",
                                pattern);
        }
    }
    for (guint j = 0; j < upgrade->changes->len; j++) {
        if (command->all || (command->fixed && upgrade_fate(upgrade, j) == UPGRADE_FIXED)) {
            upgrade_accept(upgrade, j);
        }
    }
    return true;
}

/* Fails if the guest would see what the user did not accept. */
static bool
check_accepted(const Upgrade *upgrade, GError **error)
{
    g_autoptr(GArray) fixed = upgrade_changes_new(upgrade, UPGRADE_FIXED);
    const VtDiff *first = fixed->len ? &g_array_index(fixed, VtDiff, 0) : NULL;
    const char *key;

    if (!first) {
        return true;
    }
    key = first->key[0] == '/' ? first->key + 1 : first->key;
    return vt_error_set(error,
                        "nothing written: no option keeps %u of the values that the guest sees; accept them with "
                        "--accept-fixed, or each with --accept, as in --accept '%s%s%s'",
                        fixed->len, key, first->property ? "." : "", first->property ? first->property : "");
}

/* ---- command ------------------------------------------------------------------------------------------- */

static bool
write_upgraded(const char *path, json_object *file, GError **error)
{
    g_autofree char *text = vt_json_pretty(file);
    bool ok = vt_file_replace(path, text, strlen(text), error);

    /* The user may have given sensitive values. */
    explicit_bzero(text, strlen(text));
    return ok;
}

static void
print_upgrade(const Command *command, const Upgrade *upgrade, const VtVm *vm, json_object *file)
{
    if (command->json) {
        tool_print_json(upgrade_json(upgrade, vm, command->path ? NULL : file, command->path));
        return;
    }
    if (!command->interactive) {
        terminal_start_pager();
    }
    upgrade_print_text(upgrade, vm);
    terminal_end_pager();
    if (command->path) {
        printf("\n%s: %s; %u pinned, %u accepted\n", command->path, vt_context_machine(vt_vm_context(vm))->name,
               upgrade_count(upgrade, UPGRADE_KEPT), upgrade_count(upgrade, UPGRADE_ACCEPTED));
    }
}

static int
run_upgrade(const Command *command, VtCommandLine *line)
{
    g_auto(Upgrade) upgrade = {NULL};
    g_autoptr(VtVm) vm = NULL;
    g_autoptr(GError) error = NULL;
    json_object *file;
    bool ok;

    if (!upgrade_plan(&upgrade, line, &command->from, command->machine, command->platform, &error) ||
        !accept_changes(command, &upgrade, &error)) {
        return tool_failed(error);
    }
    if (command->interactive && !upgrade_ask(&upgrade)) {
        vt_error_set(&error, "nothing written: ended by the user");
        return tool_failed(error);
    }
    file = upgrade_file(&upgrade, &vm, &error);
    if (!file) {
        return tool_failed(error);
    }
    ok = !command->path || (check_accepted(&upgrade, &error) && write_upgraded(command->path, file, &error));
    if (ok) {
        print_upgrade(command, &upgrade, vm, file);
    }
    json_object_put(file);
    return ok ? TOOL_DONE : tool_failed(error);
}

/* Opens the VM in any form.  The release of a QEMU that runs it becomes that of the command. */
static VtCommandLine *
open_old(Command *command, DiffSide *side, const VtSchema *schema, const ToolArguments *arguments, GError **error)
{
    if (arguments->has_vm) {
        side->line = tool_vm_new(schema, arguments->n_vm, arguments->vm, error);
        return side->line;
    }
    if (!diff_side_open(side, schema, arguments->words->pdata[0], &command->from, error)) {
        return NULL;
    }
    if (!side->line && !command->from.release) {
        command->from.release = side->running.terms.release;
    }
    return diff_side_line(side);
}

int
tool_upgrade(int argc, char **argv)
{
    g_autoptr(GPtrArray) accepted = g_ptr_array_new();
    Command command = {.accepted = accepted, .from = {.no_probes = true}};
    const ToolOption options[] = {
        {.name = "--machine",
         .word = "MACHINE",
         .doc = "the new machine; the newest version without it",
         .value = &command.machine},
        {.name = "--platform-version",
         .word = "VERSION",
         .doc = "the new platform version",
         .value = &command.platform},
        {.name = "--release",
         .word = "RELEASE",
         .doc = "the release of QEMU that runs the VM now",
         .value = &command.from.release},
        {.name = "--accept",
         .word = "PATTERN",
         .doc = "lets the guest see what the glob selects, and pins the rest",
         .values = accepted},
        {.name = "--accept-fixed", .doc = "lets the guest see what no option keeps", .flag = &command.fixed},
        {.name = "--accept-all", .doc = "lets the guest see every change", .flag = &command.all},
        {.name = "--interactive", .doc = "asks for each cause what the guest may see", .flag = &command.interactive},
        {.name = "-o", .word = "FILE", .doc = "writes the new configuration file", .value = &command.path},
        TOOL_JSON(&command.json),
        TOOL_TARGET(&command.from.target),
        TOOL_PROBE_FILE(&command.from.probe_file),
        {.name = "--color", .word = "WHEN", .doc = "uses colours: auto, always or never", .value = &command.color},
        {NULL},
    };
    g_auto(ToolArguments) arguments = {NULL};
    g_autoptr(VtSchema) schema = NULL;
    g_auto(DiffSide) side = {NULL};
    g_autoptr(GError) error = NULL;
    VtCommandLine *line;

    if (!tool_arguments_parse(&arguments, "upgrade", options, argc, argv)) {
        return TOOL_WRONG_USE;
    }
    if (!tool_arguments_are_one_vm(&arguments)) {
        return tool_misused("upgrade", TOOL_ONE_VM);
    }
    if (!terminal_set_color(command.color)) {
        return tool_misused("upgrade", "--color: expected auto, always or never");
    }
    if (command.json && command.interactive) {
        return tool_misused("upgrade", "expected --json or --interactive");
    }
    schema = tool_schema_new();
    line = open_old(&command, &side, schema, &arguments, &error);
    return line ? run_upgrade(&command, line) : tool_failed(error);
}
