/* SPDX-License-Identifier: MIT */
/*
 * vintage import: a VM that QEMU runs, as a configuration.
 */
#include <stdio.h>

#include "tool-forms.h"
#include "tool-running.h"
#include "vt-engine/audit.h"
#include "vt-runtime/error.h"

typedef struct Import {
    const char *qmp, *pid, *argv, *libvirt, *release; /* options */
    VtEngineClient *client;                           /* with @qmp */
    ToolRunning running;
} Import;

/* ---- where it is from ---------------------------------------------------------------------------------- */

static bool
read_source(Import *import, const ToolArguments *arguments, GError **error)
{
    if (import->qmp) {
        g_autofree char *pid = NULL;

        import->client = vt_engine_client_connect(import->qmp, TOOL_LIMIT_MS, error);
        pid = import->client ? g_strdup_printf("%d", (int)vt_engine_client_peer(import->client)) : NULL;
        return pid && tool_running_read(&import->running, pid, error);
    }
    if (import->pid) {
        return tool_running_read(&import->running, import->pid, error);
    }
    if (import->argv || import->libvirt) {
        return tool_running_read_file(&import->running, import->argv ? import->argv : import->libvirt, !import->argv,
                                      error);
    }
    import->running.foreign.words = g_strdupv(arguments->vm);
    return true;
}

/* ---- what it is ---------------------------------------------------------------------------------------- */

/* Names what has changed since the QEMU started: its command line does not have it. */
static bool
name_changes(Import *import, GError **error)
{
    g_autoptr(VtVm) vm = import->client ? tool_running_plan(&import->running, false, error) : NULL;
    const VtEngineAuditTerms terms = {.ctx = vm ? vt_vm_context(vm) : NULL, .wanted = vm};
    g_autoptr(GArray) found = vm ? vt_engine_audit(import->client, &terms, error) : NULL;

    for (guint i = 0; found && i < found->len; i++) {
        const VtEngineDeviation *one = &g_array_index(found, VtEngineDeviation, i);
        g_autofree char *value = tool_value_text(one->value), *was = tool_value_text(one->expected);

        g_ptr_array_add(import->running.terms.left, g_strdup_printf("%s: %s: '%s' runs, and the command line has '%s'",
                                                                    one->path, one->property, value, was));
    }
    return found || !import->client;
}

static int
run_import(Import *import, const ToolArguments *arguments, const char *form, bool json)
{
    const GPtrArray *left = import->running.terms.left;
    g_autoptr(GError) error = NULL;
    int status;

    if (!read_source(import, arguments, &error) || !tool_running_import(&import->running, import->release, &error) ||
        !name_changes(import, &error)) {
        return tool_failed(error);
    }
    status = tool_form_print(import->running.imported.line, import->running.imported.config, form, json);
    for (guint i = 0; i < left->len; i++) {
        fprintf(stderr, "vintage: left out: %s\n", (char *)left->pdata[i]);
    }
    return status == TOOL_DONE && left->len ? TOOL_INCOMPLETE : status;
}

int
tool_import(int argc, char **argv)
{
    Import import = {NULL};
    bool json = false;
    const char *form = "config";
    const ToolOption own[] = {
        {.name = "--qmp",
         .value = &import.qmp,
         .word = "SOCKET",
         .doc = "reads the QEMU process that serves the socket, and names what has changed since its start"},
        TOOL_PID(&import.pid),
        {.name = "--argv", .value = &import.argv, .word = "FILE", .doc = "reads a file with a command line of QEMU"},
        {.name = "--libvirt", .value = &import.libvirt, .word = "FILE.xml", .doc = "reads a domain of libvirt"},
        TOOL_FORM(&form),
        TOOL_JSON(&json),
        TOOL_RELEASE(&import.release),
        {NULL}};
    g_auto(ToolArguments) arguments = {NULL};
    g_autoptr(VtSchema) schema = NULL;
    int status;

    if (!tool_arguments_parse(&arguments, "import", own, argc, argv) || !tool_form_check("import", form)) {
        return TOOL_WRONG_USE;
    }
    if (!!import.qmp + !!import.pid + !!import.argv + !!import.libvirt + (arguments.n_vm > 0) != 1 ||
        arguments.words->len) {
        return tool_misused("import",
                            "expected one of --qmp, --pid, --argv, --libvirt, or '--' and the command line of QEMU");
    }
    schema = tool_schema_new();
    tool_running_init(&import.running, schema);
    status = run_import(&import, &arguments, form, json);
    vt_engine_client_free(import.client);
    tool_running_clear(&import.running);
    return status;
}
