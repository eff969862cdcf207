/* SPDX-License-Identifier: MIT */
/*
 * vintage-vm: the machine process.
 */
#include <signal.h>
#include <stdio.h>

#include <glib-unix.h>

#include "vt-gen/program-vintage-vm.h"
#include "vt-gen/runtime.h"
#include "vt-runtime/monitor.h"

#define DEFAULT_MACHINE "pc" /* as on every x86 command line without -machine */

enum { DONE, WRONG }; /* exit status */

typedef struct Run {
    VtService service;
    GPtrArray *servers; /* owned, in order */
    bool stopping;      /* a signal came before the main loop ran */
} Run;

static int
fail(const GError *error)
{
    /* One line, whatever the user wrote. */
    g_autofree char *line = g_strdelimit(g_strdup(error->message), "\r\n", ' ');

    fprintf(stderr, "vintage-vm: %s\n", line);
    return WRONG;
}

static int
print_help(const VtSchema *schema, const VtCommandLine *line)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *text =
        vt_command_line_help(&vt_program_vintage_vm, schema, vt_command_line_help_topic(line), &error);

    if (!text) {
        return fail(error);
    }
    fputs(text, stdout);
    return DONE;
}

static gboolean
on_signal(gpointer opaque)
{
    Run *run = opaque;

    run->stopping = true;
    vt_service_shutdown(&run->service, false, "host-signal");
    return G_SOURCE_CONTINUE;
}

static bool
open_monitors(Run *run, const VtVintageVmOptions *options, GError **error)
{
    for (size_t i = 0; i < options->qmp.n; i++) {
        VtMonitorServer *server = vt_monitor_server_new(&run->service, options->qmp.v[i], error);

        if (!server) {
            g_prefix_error(error, "-qmp ");
            return false;
        }
        g_ptr_array_add(run->servers, server);
    }
    return true;
}

/* wait=on: nothing starts before a client is there. */
static void
wait_for_clients(Run *run, const VtVintageVmOptions *options)
{
    for (guint i = 0; i < run->servers->len; i++) {
        const VtMonitorServer *server = g_ptr_array_index(run->servers, i);

        if (vt_monitor_server_wants_client(server)) {
            fprintf(stderr, "vintage-vm: waiting for a client on %s\n", options->qmp.v[i]);
        }
        while (!run->stopping && vt_monitor_server_wants_client(server)) {
            g_main_context_iteration(NULL, TRUE);
        }
    }
}

static int
run_vm(VtCommandLine *line)
{
    const VtVintageVmOptions *options = vt_command_line_options(line);
    g_autoptr(GMainLoop) loop = g_main_loop_new(NULL, FALSE);
    g_autoptr(GPtrArray) listed = g_ptr_array_new();
    g_autoptr(VtVm) vm = NULL;
    /* Goes before the VM: closing a session must find its service whole. */
    g_autoptr(GPtrArray) servers = g_ptr_array_new_with_free_func((GDestroyNotify)vt_monitor_server_free);
    g_autofree char *notice = NULL;
    g_autoptr(GError) error = NULL;
    guint watches[2];
    int status = DONE;
    Run run = {
        .service = {.program = &vt_program_vintage_vm, .loop = loop, .servers = listed, .held = true},
        .servers = servers,
    };

    vm = vt_command_line_choose(line, NULL, &notice, &error);
    if (notice) {
        fprintf(stderr, "vintage-vm: %s\n", notice);
    }
    if (!vm) {
        return fail(error);
    }
    run.service.vm = vm;
    run.service.vm_name = options->name.guest;
    run.service.platform_pinned = options->platform_version != NULL;
    signal(SIGPIPE, SIG_IGN);
    watches[0] = g_unix_signal_add(SIGTERM, on_signal, &run);
    watches[1] = g_unix_signal_add(SIGINT, on_signal, &run);
    if (!open_monitors(&run, options, &error)) {
        status = fail(error);
    } else {
        wait_for_clients(&run, options);
        if (!run.stopping && !vt_vm_realize(vm, &error)) {
            status = fail(error);
        } else if (!run.stopping) {
            run.service.state = options->S ? VT_SERVICE_PRELAUNCH : VT_SERVICE_RUNNING;
            vt_service_release(&run.service);
        }
        if (status == DONE && !run.stopping) {
            g_main_loop_run(loop);
        }
    }
    g_source_remove(watches[0]);
    g_source_remove(watches[1]);
    return status;
}

int
main(int argc, char **argv)
{
    g_autoptr(VtSchema) schema = vt_schema_new(vt_program_vintage_vm.layers);
    g_autoptr(GError) error = NULL;
    g_autoptr(VtCommandLine) line = vt_command_line_new(&vt_program_vintage_vm, schema, argc - 1, argv + 1, &error);

    if (!line) {
        return fail(error);
    }
    if (vt_command_line_wants_help(line)) {
        return print_help(schema, line);
    }
    if (((const VtVintageVmOptions *)vt_command_line_options(line))->version) {
        printf("vintage-vm %s\n", VT_VERSION);
        return DONE;
    }
    vt_command_line_set_default_machine(line, DEFAULT_MACHINE);
    return run_vm(line);
}
