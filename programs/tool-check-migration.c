/* SPDX-License-Identifier: MIT */
/*
 * vintage check-migration: whether a VM can migrate to another VM, or to hosts; or what breaks it, and what fixes it.
 */
#include <string.h>

#include "tool-migration.h"

static void
find_blocker(Migration *check)
{
    VtOverrides overrides = check->overrides;
    g_autoptr(VtVm) vm = NULL;

    overrides.no_probes = true;
    overrides.migratable = true;
    vm = check->source.line ? vt_command_line_plan(check->source.line, &overrides, &check->blocker) : NULL;
}

static int
run_check_migration(Migration *check, const ToolArguments *arguments, bool json)
{
    g_autoptr(GError) error = NULL;
    const char *answer;

    check->schema = tool_schema_new();
    if (!migration_open(check, arguments, &error)) {
        return tool_failed(error);
    }
    find_blocker(check);
    if (check->target.contract) {
        check->differences = vt_contract_compare(check->source.contract, check->target.contract);
    }
    if (check->places->len && !migration_ask_hosts(check, &error)) {
        return tool_failed(error);
    }
    if (json) {
        tool_print_json(migration_json(check));
    } else {
        migration_print(check);
    }
    answer = migration_answer(check);
    return strcmp(answer, "yes") == 0 ? TOOL_DONE : strcmp(answer, "no") == 0 ? TOOL_WRONG_VM : TOOL_INCOMPLETE;
}

int
tool_check_migration(int argc, char **argv)
{
    g_autoptr(GPtrArray) places = g_ptr_array_new();
    bool json = false;
    Migration check = {.places = places};
    const ToolOption options[] = {
        TOOL_JSON(&json),
        TOOL_PLATFORM(&check.overrides.platform_version),
        {.name = "--host", .word = "FILE", .doc = "a host file of the destination", .values = places},
        {.name = "--hosts", .word = "PLACE", .doc = "a host file, a directory of them, or '-'", .values = places},
        {NULL},
    };
    ToolArguments arguments = {NULL};
    guint n;
    int status = TOOL_WRONG_USE;

    if (tool_arguments_parse(&arguments, "check-migration", options, argc, argv)) {
        n = arguments.words->len + arguments.has_vm;
        status = n == 1 || n == 2 ? run_check_migration(&check, &arguments, json)
                                  : tool_misused("check-migration", "expected a source, and at most one destination");
    }
    migration_clear_hosts(&check.hosts);
    migration_clear_end(&check.source);
    migration_clear_end(&check.target);
    g_clear_pointer(&check.differences, g_array_unref);
    g_clear_error(&check.blocker);
    g_clear_pointer(&check.schema, vt_schema_free);
    tool_arguments_clear(&arguments);
    return status;
}
