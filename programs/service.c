/* SPDX-License-Identifier: MIT */
#include "service.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

#include <glib-unix.h>

#include "service-process.h"
#include "vt-runtime/error.h"
#include "vt-runtime/monitor.h"

enum { DONE, WRONG }; /* exit status */

typedef struct Run {
    VtService service;
    const ServiceOptions *options;
    GPtrArray *servers; /* owned, in order */
    bool stopping;      /* a signal came before the main loop ran */
} Run;

static int
fail(const VtProgram *program, const GError *error)
{
    /* One line, whatever the user wrote. */
    g_autofree char *line = g_strdelimit(g_strdup(error->message), "\r\n", ' ');

    fprintf(stderr, "%s: %s\n", program->name, line);
    return WRONG;
}

static int
print_help(const VtProgram *program, const VtSchema *schema, const VtCommandLine *line)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *text = vt_command_line_help(program, schema, line, &error);

    if (!text) {
        return fail(program, error);
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
open_monitors(Run *run, GError **error)
{
    for (size_t i = 0; i < run->options->n_qmp; i++) {
        VtMonitorServer *server = vt_monitor_server_new(&run->service, run->options->qmp[i], error);

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
wait_for_clients(Run *run)
{
    for (guint i = 0; i < run->servers->len; i++) {
        const VtMonitorServer *server = g_ptr_array_index(run->servers, i);

        if (vt_monitor_server_wants_client(server)) {
            fprintf(stderr, "%s: waiting for a client on %s\n", run->service.program->name, run->options->qmp[i]);
        }
        while (!run->stopping && vt_monitor_server_wants_client(server)) {
            g_main_context_iteration(NULL, TRUE);
        }
    }
}

static bool
start(Run *run, GError **error)
{
    if (!open_monitors(run, error)) {
        return false;
    }
    wait_for_clients(run);
    if (run->stopping) {
        return true;
    }
    if (!vt_vm_realize(run->service.vm, error)) {
        return false;
    }
    run->service.state = run->options->paused ? VT_SERVICE_PRELAUNCH : VT_SERVICE_RUNNING;
    if (run->options->daemonize) {
        service_detached();
    }
    vt_service_release(&run->service);
    return true;
}

static int
serve(const VtProgram *program, VtCommandLine *line, const ServiceOptions *options)
{
    g_autoptr(GMainLoop) loop = g_main_loop_new(NULL, FALSE);
    g_autoptr(GPtrArray) listed = g_ptr_array_new();
    g_autoptr(ServicePidfile) pidfile = NULL;
    g_autoptr(VtVm) vm = NULL;
    /* Goes before the VM: closing a session must find its service whole. */
    g_autoptr(GPtrArray) servers = g_ptr_array_new_with_free_func((GDestroyNotify)vt_monitor_server_free);
    g_autofree char *notice = NULL;
    g_autoptr(GError) error = NULL;
    guint watches[2];
    int status = DONE;
    Run run = {
        .service = {.program = program, .loop = loop, .servers = listed, .held = true},
        .options = options,
        .servers = servers,
    };

    vm = vt_command_line_choose(line, NULL, &notice, &error);
    if (notice) {
        fprintf(stderr, "%s: %s\n", program->name, notice);
    }
    if (!vm) {
        return fail(program, error);
    }
    run.service.vm = vm;
    run.service.vm_name = options->name;
    run.service.platform_pinned = options->pinned;
    signal(SIGPIPE, SIG_IGN);
    watches[0] = g_unix_signal_add(SIGTERM, on_signal, &run);
    watches[1] = g_unix_signal_add(SIGINT, on_signal, &run);
    if (options->pidfile) {
        pidfile = service_pidfile_new(options->pidfile, &error);
    }
    if (error || !start(&run, &error)) {
        status = fail(program, error);
    } else if (!run.stopping) {
        g_main_loop_run(loop);
    }
    g_source_remove(watches[0]);
    g_source_remove(watches[1]);
    return status;
}

/* A terminal that is let go has no client on it. */
static bool
check_daemon(const ServiceOptions *options, GError **error)
{
    for (size_t i = 0; options->daemonize && i < options->n_qmp; i++) {
        if (strcmp(options->qmp[i], "stdio") == 0) {
            return vt_error_set(error, "-qmp stdio: a daemon has no standard input and output");
        }
    }
    return true;
}

int
service_main(const ServiceProgram *self, int argc, char **argv)
{
    const VtProgram *program = self->program;
    g_autoptr(VtSchema) schema = vt_schema_new(program->layers);
    g_autoptr(GError) error = NULL;
    g_autoptr(VtCommandLine) line = vt_command_line_new(program, schema, argc - 1, argv + 1, &error);
    ServiceOptions options = {NULL};
    int status;

    if (!line) {
        return fail(program, error);
    }
    if (vt_command_line_wants_help(line)) {
        return print_help(program, schema, line);
    }
    self->read(vt_command_line_options(line), &options);
    if (options.version) {
        printf("%s %s\n", program->name, VT_VERSION);
        return DONE;
    }
    if (self->default_machine) {
        vt_command_line_set_default_machine(line, self->default_machine);
    }
    if (!check_daemon(&options, &error)) {
        return fail(program, error);
    }
    if (options.daemonize && !service_detach(&status)) {
        return status;
    }
    return serve(program, line, &options);
}
