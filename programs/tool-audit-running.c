/* SPDX-License-Identifier: MIT */
/*
 * vintage audit --qmp: where a running QEMU differs from the defaults of its machine.
 */
#include <stdio.h>
#include <string.h>

#include "tool.h"
#include "vt-engine/audit.h"
#include "vt-engine/pin.h"
#include "vt-gen/program-vintage-vm.h"
#include "vt-runtime/error.h"
#include "vt-runtime/json.h"

#define LIMIT_MS 5000

bool
tool_audit_names_socket(int argc, char **argv)
{
    for (int i = 0; tool_mode == TOOL_RUN && i < argc && strcmp(argv[i], "--") != 0; i++) {
        const char *word = argv[i] + g_str_has_prefix(argv[i], "--");

        if (strcmp(word, "-qmp") == 0 || g_str_has_prefix(word, "-qmp=")) {
            return true;
        }
    }
    return false;
}

static void
print_deviations(const GArray *found)
{
    ToolTable *table = tool_table_new((const char *[]){"object", "property", "value", "default", NULL});

    for (guint i = 0; i < found->len; i++) {
        const VtEngineDeviation *one = &g_array_index(found, VtEngineDeviation, i);
        g_autofree char *value = tool_value_text(one->value), *expected = tool_value_text(one->expected);

        tool_table_add(table, (const char *[]){one->path, one->prop->name, value, expected});
    }
    tool_table_print(table, 0);
}

static void
print_deviations_json(const GArray *found)
{
    json_object *list = json_object_new_array();

    for (guint i = 0; i < found->len; i++) {
        const VtEngineDeviation *one = &g_array_index(found, VtEngineDeviation, i);
        json_object *row = json_object_new_object();

        vt_json_add_text(row, "object", one->path);
        vt_json_add_text(row, "property", one->prop->name);
        json_object_object_add(row, "value", json_object_get(one->value));
        json_object_object_add(row, "default", json_object_get(one->expected));
        json_object_array_add(list, row);
    }
    tool_print_json(list);
}

/* The context of what runs. */
static VtContext *
context_of(const VtSchema *schema, const VtEngineRunning *running, GError **error)
{
    uint16_t release = vt_engine_release_of(schema, running->version);
    char *const words[] = {"-target", running->target, "-machine", running->machine, NULL};
    g_autoptr(VtCommandLine) line = NULL;
    VtOverrides overrides = {NULL};

    if (!release) {
        vt_error_set(error, "QEMU %u.%u.%u is older than release %s", running->version[0], running->version[1],
                     running->version[2], vt_schema_version_name(schema, VT_AXIS_RELEASE, 1));
        return NULL;
    }
    overrides.release = vt_schema_version_name(schema, VT_AXIS_RELEASE, release);
    line = vt_command_line_new(&vt_program_vintage_vm, schema, G_N_ELEMENTS(words) - 1, words, error);
    return line ? vt_command_line_context(line, &overrides, error) : NULL;
}

static GArray *
audit(const VtSchema *schema, const char *path, GError **error)
{
    g_autoptr(VtEngineClient) client = vt_engine_client_connect(path, LIMIT_MS, error);
    g_autoptr(VtContext) ctx = NULL;
    VtEngineRunning running = {NULL};

    if (!client || !vt_engine_running_read(client, &running, error)) {
        return NULL;
    }
    ctx = context_of(schema, &running, error);
    vt_engine_running_clear(&running);
    return ctx ? vt_engine_audit(client, ctx, error) : NULL;
}

int
tool_audit_running(int argc, char **argv)
{
    bool json = false;
    const char *path = NULL;
    const ToolOption own[] = {TOOL_JSON(&json), {.name = "--qmp", .value = &path}, {NULL}};
    g_auto(ToolArguments) arguments = {NULL};
    g_autoptr(VtSchema) schema = NULL;
    g_autoptr(GError) error = NULL;
    g_autoptr(GArray) found = NULL;

    if (!tool_arguments_parse(&arguments, "audit", own, argc, argv)) {
        return TOOL_WRONG_USE;
    }
    if (arguments.has_vm || arguments.words->len) {
        return tool_misused("audit", "--qmp: expected no VM");
    }
    schema = tool_schema_new();
    found = audit(schema, path, &error);
    if (!found) {
        return tool_failed(error);
    }
    if (json) {
        print_deviations_json(found);
    } else if (found->len) {
        print_deviations(found);
    } else {
        printf("no deviations\n");
    }
    return TOOL_DONE;
}
