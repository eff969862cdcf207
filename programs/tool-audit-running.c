/* SPDX-License-Identifier: MIT */
/*
 * vintage audit --qmp and --pid: where a running QEMU differs from the defaults of its machine, or from a VM.
 */
#include <stdio.h>
#include <string.h>

#include "tool-running.h"
#include "vt-engine/audit.h"
#include "vt-engine/pin.h"
#include "vt-engine/running.h"
#include "vt-gen/program-vintage-vm.h"
#include "vt-runtime/error.h"
#include "vt-runtime/json.h"

static const char *const sources[] = {"-qmp", "-pid"};

bool
tool_audit_is_of_running(int argc, char **argv)
{
    for (int i = 0; tool_mode == TOOL_RUN && i < argc && strcmp(argv[i], "--") != 0; i++) {
        const char *word = argv[i] + g_str_has_prefix(argv[i], "--");

        for (unsigned j = 0; j < G_N_ELEMENTS(sources); j++) {
            size_t len = strlen(sources[j]);

            if (strncmp(word, sources[j], len) == 0 && (!word[len] || word[len] == '=')) {
                return true;
            }
        }
    }
    return false;
}

static void
print_deviations(const GArray *found, const char *expected_name)
{
    ToolTable *table = tool_table_new((const char *[]){"object", "property", "value", expected_name, NULL});

    for (guint i = 0; i < found->len; i++) {
        const VtEngineDeviation *one = &g_array_index(found, VtEngineDeviation, i);
        g_autofree char *value = tool_value_text(one->value), *expected = tool_value_text(one->expected);

        tool_table_add(table, (const char *[]){one->path, one->property, value, expected});
    }
    tool_table_print(table, 0);
}

static void
print_deviations_json(const GArray *found, const char *expected_name)
{
    json_object *list = json_object_new_array();

    for (guint i = 0; i < found->len; i++) {
        const VtEngineDeviation *one = &g_array_index(found, VtEngineDeviation, i);
        json_object *row = json_object_new_object();

        vt_json_add_text(row, "object", one->path);
        vt_json_add_text(row, "property", one->property);
        json_object_object_add(row, "value", json_object_get(one->value));
        json_object_object_add(row, expected_name, json_object_get(one->expected));
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

/* The expected VM, as the release of the QEMU has it. */
static VtVm *
wanted_of(const VtSchema *schema, const ToolArguments *arguments, const VtContext *ctx, GError **error)
{
    const VtOverrides overrides = {.release = vt_schema_version_name(schema, VT_AXIS_RELEASE, vt_context_release(ctx))};
    g_autoptr(VtCommandLine) line = tool_vm_of(schema, overrides.release, arguments, error);
    g_autoptr(VtVm) vm = line ? vt_command_line_plan(line, &overrides, error) : NULL;

    if (vm && strcmp(vt_context_machine(vt_vm_context(vm))->name, vt_context_machine(ctx)->name) != 0) {
        vt_error_set(error, "the QEMU runs machine '%s'; expected '%s'", vt_context_machine(ctx)->name,
                     vt_context_machine(vt_vm_context(vm))->name);
        return NULL;
    }
    return g_steal_pointer(&vm);
}

/* Reads the command line of the process that listens on the socket, if this user may. */
static void
read_peer(ToolRunning *running, const VtEngineClient *client)
{
    g_autofree char *pid = g_strdup_printf("%d", (int)vt_engine_client_peer(client));

    if (tool_running_read(running, pid, NULL)) {
        tool_running_import(running, NULL, NULL);
    }
}

static GArray *
audit(ToolRunning *running, const ToolArguments *arguments, const char *path, const char *pid, GError **error)
{
    const VtSchema *schema = running->terms.schema;
    bool has_wanted = arguments->has_vm || arguments->words->len;
    g_autoptr(VtEngineClient) client = NULL;
    g_autoptr(VtVm) given = NULL, lean = NULL, wanted = NULL;
    g_autoptr(VtContext) ctx = NULL;
    g_auto(VtEngineRunning) what = {NULL};

    if (path) {
        client = vt_engine_client_connect(path, TOOL_LIMIT_MS, error);
    } else if (tool_running_read(running, pid, error) && tool_running_import(running, NULL, error)) {
        client = tool_running_connect(running, error);
    }
    if (!client || !vt_engine_running_read(client, &what, error)) {
        return NULL;
    }
    ctx = context_of(schema, &what, error);
    wanted = ctx && has_wanted ? wanted_of(schema, arguments, ctx, error) : NULL;
    if (!ctx || (has_wanted && !wanted)) {
        return NULL;
    }
    if (path && !wanted) {
        read_peer(running, client);
    }
    if (running->imported.line && !wanted) {
        given = tool_running_plan(running, false, NULL);
        lean = tool_running_plan(running, true, NULL);
    }
    return vt_engine_audit(client, &(VtEngineAuditTerms){ctx, given, lean, wanted}, error);
}

static int
print_audit(const GArray *found, bool json, const char *expected_name)
{
    if (json) {
        print_deviations_json(found, expected_name);
    } else if (found->len) {
        print_deviations(found, expected_name);
    } else {
        printf("no deviations\n");
    }
    return TOOL_DONE;
}

int
tool_audit_running(int argc, char **argv)
{
    bool json = false;
    const char *path = NULL, *pid = NULL;
    const ToolOption own[] = {TOOL_JSON(&json), {.name = "--qmp", .value = &path}, TOOL_PID(&pid), {NULL}};
    g_auto(ToolArguments) arguments = {NULL};
    g_autoptr(VtSchema) schema = NULL;
    g_autoptr(GError) error = NULL;
    g_autoptr(GArray) found = NULL;
    ToolRunning running;

    if (!tool_arguments_parse(&arguments, "audit", own, argc, argv)) {
        return TOOL_WRONG_USE;
    }
    if (!path == !pid || arguments.words->len + arguments.has_vm > 1) {
        return tool_misused("audit", "expected one of --qmp and --pid, and at most one VM");
    }
    schema = tool_schema_new();
    tool_running_init(&running, schema);
    found = audit(&running, &arguments, path, pid, &error);
    tool_running_clear(&running);
    return found ? print_audit(found, json, arguments.has_vm || arguments.words->len ? "expected" : "default")
                 : tool_failed(error);
}
