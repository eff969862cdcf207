/* SPDX-License-Identifier: MIT */
#include "service.h"

#include <errno.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <glib-unix.h>

#include "output.h"
#include "service-check.h"
#include "service-descriptors.h"
#include "service-engine.h"
#include "service-message.h"
#include "service-notify.h"
#include "service-plans.h"
#include "service-preconfig.h"
#include "service-privilege.h"
#include "service-process.h"
#include "service-profile.h"
#include "service-reload.h"
#include "service-teardown.h"
#include "vt-backends/monitor.h"
#include "vt-runtime/await.h"
#include "vt-runtime/error.h"
#include "vt-runtime/input.h"
#include "vt-runtime/monitor.h"
#include "vt-runtime/open-file.h"
#include "vt-runtime/patience.h"

#define LARGE_BLOCK (256 << 10) /* bytes */

#define LOOP_DESCRIPTORS 4
#define PENDING_SOURCES  64 /* dispatched before the end */

typedef struct Run {
    VtService service;
    const VtCommandLine *line;
    const ServiceOptions *options;
    ServicePreconfig *preconfig; /* NULL: the machine exists before clients send commands */
    ServicePrivilege *privilege;
    ServiceProfile profile;
    ServiceEngine *engine; /* NULL: the program has none */
    const GArray *kept;    /* descriptors for the engine, of int */
    GPtrArray *servers;    /* owned, in order */
    GPtrArray *monitors;   /* of VtCharMonitor, owned */
    VtAwaits *releases;    /* what the start and the end release */
    bool ending;           /* the main loop has ended */
    bool stopping;         /* a signal arrived before the main loop ran, or after it ended */
} Run;

static int
print_help(const VtProgram *program, const VtSchema *schema, const VtCommandLine *line)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *text = vt_command_line_help(program, schema, line, &error);

    if (!text) {
        return service_fail(program, NULL, error);
    }
    fputs(text, stdout);
    return SERVICE_DONE;
}

static void
on_notice(const char *line, void *opaque)
{
    const Run *run = opaque;

    service_print(run->service.program, run->options, line);
}

static gboolean
on_signal(gpointer opaque)
{
    Run *run = opaque;

    run->stopping = true;
    if (run->ending) {
        return G_SOURCE_CONTINUE;
    }
    vt_service_shutdown(&run->service, false, "host-signal");
    return G_SOURCE_CONTINUE;
}

/* A line that the engine prints. */
static void
on_engine_line(void *opaque, const char *line)
{
    const Run *run = opaque;
    g_autofree char *message = g_strconcat("engine: ", line, NULL);

    service_print(run->service.program, run->options, message);
}

static gboolean
on_hangup(gpointer opaque)
{
    Run *run = opaque;

    if (!run->ending) {
        service_reload_signal(&run->service);
    }
    return G_SOURCE_CONTINUE;
}

static bool
open_monitors(Run *run, GError **error)
{
    for (size_t i = 0; i < run->options->n_qmp; i++) {
        VtMonitorServer *server = vt_monitor_server_new(&run->service, &run->options->qmp[i], error);

        if (!server) {
            g_prefix_error(error, "%s: ", vt_command_line_where(run->line, &run->options->qmp[i]));
            return false;
        }
        g_ptr_array_add(run->servers, server);
    }
    return true;
}

static bool
open_char_monitors(Run *run, GError **error)
{
    for (size_t i = 0; i < run->options->n_mon; i++) {
        const VtMonitorOptions *mon = &run->options->mon[i];
        const VtObject *chardev = vt_vm_find(run->service.vm, "chardev", mon->chardev);
        VtCharMonitor *monitor;

        if (chardev && vt_object_runs_elsewhere(chardev)) {
            continue;
        }
        monitor = vt_char_monitor_new(&run->service, mon, error);
        if (!monitor) {
            g_prefix_error(error, "%s: ", vt_command_line_where(run->line, mon));
            return false;
        }
        g_ptr_array_add(run->monitors, monitor);
    }
    return true;
}

/* Waits for objects that hold up the startup, such as a character device with wait=on. */
static void
wait_for_objects(const Run *run)
{
    g_autofree char *shown = NULL;
    const char *what;

    while (!run->stopping && (what = vt_vm_held_by(run->service.vm))) {
        if (g_strcmp0(shown, what) != 0) {
            fprintf(stderr, "%s: waiting for %s\n", run->service.program->name, what);
            g_free(shown);
            shown = g_strdup(what);
        }
        g_main_context_iteration(NULL, TRUE);
    }
}

/* Serves clients before the machine exists, as the user requested. */
static bool
serve_early(Run *run, GError **error)
{
    if (!vt_vm_realize_first(run->service.vm, "chardev", "object", error) || !open_char_monitors(run, error)) {
        return false;
    }
    wait_for_objects(run);
    return service_preconfig_serve(run->preconfig, &run->stopping, error);
}

/* -qmp with wait=on: waits for a client before startup. */
static void
wait_for_clients(Run *run)
{
    for (guint i = 0; i < run->servers->len; i++) {
        const VtMonitorServer *server = g_ptr_array_index(run->servers, i);

        if (vt_monitor_server_wants_client(server)) {
            g_autofree char *name = vt_monitor_server_name(&run->options->qmp[i]);
            g_autofree char *message = g_strdup_printf("waiting for a client on %s", name);

            service_print(run->service.program, run->options, message);
        }
        while (!run->stopping && vt_monitor_server_wants_client(server)) {
            g_main_context_iteration(NULL, TRUE);
        }
    }
}

static bool
lock_memory(const ServiceOptions *options, GError **error)
{
    return !options->lock_memory || mlockall(MCL_CURRENT | MCL_FUTURE) == 0 ||
           vt_error_set(error, "memory cannot be locked (mem-lock=on): %s", g_strerror(errno));
}

/* The groups of system calls that the startup needs with any configuration. */
static uint32_t
calls_of_start(const ServiceOptions *options)
{
    const VtRunWithOptions *with = options->run_with;

    return (options->n_qmp ? 1u << VT_SYSCALL_GROUP_NETWORK : 0) |
           (with->user || with->chroot ? 1u << VT_SYSCALL_GROUP_PRIVILEGES : 0) |
           (with->async_teardown ? 1u << VT_SYSCALL_GROUP_SPAWN : 0);
}

/* Puts the option with the value @value, and @separator, before the error if not @ok. */
static bool
name_option(const VtCommandLine *line, const void *value, const char *separator, bool ok, GError **error)
{
    if (!ok) {
        g_prefix_error(error, "-%s%s", vt_command_line_option(line, value), separator);
    }
    return ok;
}

/* Drops privileges when all resources are open.  Hotplug later has only the remaining ones. */
static bool
give_up_rights(Run *run, GError **error)
{
    const ServiceOptions *options = run->options;
    bool ok = service_privilege_drop(run->privilege, error) && service_privilege_follow_parent(run->privilege, error) &&
              (!options->run_with->async_teardown || service_teardown_start(error));

    return name_option(run->line, options->run_with, " ", ok, error) &&
           name_option(run->line, options->sandbox, ": ", service_profile_tighten(&run->profile, error), error);
}

/* Objects that another object's failure deletes are released in the background. */
static bool
realize(Run *run, GError **error)
{
    bool ok;

    vt_awaits_enter(run->releases);
    ok = vt_vm_realize(run->service.vm, error);
    vt_awaits_enter(NULL);
    return ok;
}

/* Frees the VM, and waits for scripts that end interfaces and for the kernel to free memory.  A signal ends the wait.
 */
static void
end(Run *run, VtVm *vm)
{
    run->ending = true;
    vt_awaits_enter(run->releases);
    vt_vm_free(vm);
    vt_awaits_enter(NULL);
    /* Only a signal that arrives from now on counts. */
    for (unsigned i = 0; i < PENDING_SOURCES && g_main_context_iteration(NULL, FALSE); i++) {
    }
    run->stopping = false;
    while (!run->stopping && vt_awaits_releasing(run->releases)) {
        g_main_context_iteration(NULL, TRUE);
    }
}

static bool
start_run(Run *run, GError **error)
{
    if (!name_option(run->line, run->options->run_with, " ", service_privilege_follow_parent(run->privilege, error),
                     error) ||
        !lock_memory(run->options, error)) {
        return false;
    }
    if (!open_monitors(run, error)) {
        return false;
    }
    wait_for_clients(run);
    if (run->stopping) {
        return true;
    }
    /* The engine has its own sandbox. */
    if (!service_engine_start(run->engine, &run->service, run->privilege, run->kept, on_engine_line, run, error) ||
        !name_option(run->line, run->options->sandbox, ": ", service_profile_load(&run->profile, error), error) ||
        (run->preconfig && !serve_early(run, error))) {
        return false;
    }
    if (run->stopping) {
        return true;
    }
    if (!realize(run, error) || (!run->preconfig && !open_char_monitors(run, error)) ||
        (!service_engine_runs(run->engine) && !give_up_rights(run, error))) {
        return false;
    }
    vt_patience_run();
    wait_for_objects(run);
    vt_vm_started(run->service.vm);
    if (run->stopping) {
        return true;
    }
    if (!service_engine_wait(run->engine, &run->stopping, error) || run->stopping) {
        return run->stopping;
    }
    /* Before the engine has given up its rights, only a process that has them can end it. */
    if (service_engine_runs(run->engine) && !give_up_rights(run, error)) {
        return false;
    }
    run->service.state = run->options->paused ? VT_SERVICE_PRELAUNCH : VT_SERVICE_RUNNING;
    if (run->options->daemonize) {
        service_detached();
    }
    vt_service_release(&run->service);
    if (run->preconfig) {
        service_preconfig_end(&run->service);
    }
    return true;
}

/* Prints what is deprecated, unstable or not used, or fails, as the user set.  Then checks what clients use. */
static bool
check_life(Run *run, VtLifeCheck *life, VtVm *vm, GError **error)
{
    const VtContext *ctx = vt_vm_context(vm);
    const VtCompatPolicy *policy = run->options->compat;
    g_autoptr(GPtrArray) warnings = g_ptr_array_new_with_free_func(g_free);
    bool ok;

    *life = (VtLifeCheck){vt_context_schema(ctx), vt_context_release(ctx), false, warnings, policy};
    ok = vt_command_line_check_life(run->line, life, error) && vt_vm_check_life(vm, life, error);
    vt_life_unique(warnings);
    for (guint i = 0; i < warnings->len; i++) {
        g_autofree char *text = g_strdup_printf("warning: %s", (char *)warnings->pdata[i]);

        service_print(run->service.program, run->options, text);
    }
    life->warnings = NULL;
    if (policy->deprecated_input != VT_COMPAT_POLICY_INPUT_ACCEPT ||
        policy->unstable_input != VT_COMPAT_POLICY_INPUT_ACCEPT) {
        vt_vm_set_life_check(vm, life);
    }
    run->service.life = life;
    return ok;
}

static int
serve(const ServiceProgram *self, VtCommandLine *line, const ServiceOptions *options, ServicePrivilege *privilege,
      const ServiceDescriptors *descriptors)
{
    const VtProgram *program = self->program;
    g_autoptr(GMainLoop) loop = g_main_loop_new(NULL, FALSE);
    g_autoptr(GPtrArray) listed = g_ptr_array_new();
    g_autoptr(ServicePidfile) pidfile = NULL;
    g_autoptr(VtAwaits) releases = vt_awaits_new(NULL, NULL);
    g_autoptr(ServiceEngine) engine = NULL;
    g_autoptr(ServicePreconfig) preconfig = NULL;
    g_autoptr(GArray) kept = NULL;
    g_autoptr(VtVm) vm = NULL;
    /* Freed before the VM, because a session uses its service when it closes. */
    g_autoptr(GPtrArray) servers = g_ptr_array_new_with_free_func((GDestroyNotify)vt_monitor_server_free);
    g_autoptr(GPtrArray) monitors = g_ptr_array_new_with_free_func((GDestroyNotify)vt_char_monitor_free);
    VtLifeCheck life; /* for as long as the VM */
    g_autofree char *notice = NULL;
    g_autoptr(GError) error = NULL;
    guint watches[3] = {0};
    int status = SERVICE_DONE;
    bool ok;
    Run run = {
        .service = {.program = program, .loop = loop, .monitors = listed, .held = true},
        .line = line,
        .options = options,
        .privilege = privilege,
        .servers = servers,
        .monitors = monitors,
        .releases = releases,
    };

    vt_command_line_omit_defaults(line);
    vm = vt_command_line_choose(line, NULL, &notice, &error);
    ok = vm && service_engine_choose(self->engine, options, line, &vm, &notice, &engine, &error);
    if (notice) {
        service_print(program, options, notice);
    }
    /* Records the descriptors that the command line names, then wipes the command line, which may contain secrets. */
    ok = ok && check_life(&run, &life, vm, &error) && service_check_vm(options, line, vm, &error) &&
         (service_engine_runs(engine) || vt_command_line_check_start(line, &error)) &&
         (!(options->daemonize || options->closes_descriptors) ||
          service_descriptors_close(descriptors, program, line, vm, &error)) &&
         (service_engine_runs(engine) || service_descriptors_add_sets(descriptors, line, options, &error));
    kept = ok ? service_descriptors_named(descriptors, program, line, vm) : NULL;
    /* An engine has a configuration phase of its own. */
    if (ok && options->preconfig && !service_engine_runs(engine)) {
        preconfig = run.preconfig = service_preconfig_new(&run.service, line, &life, notice, self->without_engine);
    } else {
        vt_command_line_forget(line);
    }
    if (!ok) {
        return service_fail(program, options, error);
    }
    if (self->without_engine && !service_engine_runs(engine)) {
        self->without_engine(vm);
    }
    service_profile_init(&run.profile, options->sandbox, options->profile, vm, calls_of_start(options));
    run.engine = engine;
    run.kept = kept;
    run.service.engine = service_engine_inner(engine);
    run.service.vm = vm;
    run.service.line = line;
    service_plans_set(&run.service);
    run.service.vm_name = options->name;
    run.service.vm_uuid = options->uuid;
    run.service.reset_ends = options->reset_ends;
    run.service.shutdown_pauses = options->shutdown_pauses;
    run.service.platform_pinned = options->pinned;
    signal(SIGPIPE, SIG_IGN);
    /* A write beyond the file size limit fails with EFBIG instead of a signal. */
    signal(SIGXFSZ, SIG_IGN);
    vt_vm_set_notice_func(vm, on_notice, &run);
    watches[0] = g_unix_signal_add(SIGTERM, on_signal, &run);
    watches[1] = g_unix_signal_add(SIGINT, on_signal, &run);
    if (!service_engine_runs(engine)) {
        service_reload_set(&run.service, line, on_notice, &run);
    }
    if (service_reload_has_files(&run.service) && self->reloads) {
        watches[2] = g_unix_signal_add(SIGHUP, on_hangup, &run);
    }
    if (options->pidfile) {
        pidfile = service_pidfile_new(options->pidfile, options->pidfile_mode, &error);
    }
    if (error || !start_run(&run, &error)) {
        status = service_fail(program, options, error);
    } else if (!run.stopping) {
        service_notify_ready();
        g_main_loop_run(loop);
        status = service_engine_exit_status(engine);
    }
    service_notify_stopping();
    service_reload_free(&run.service);
    vt_service_drain(&run.service);
    g_clear_pointer(&monitors, g_ptr_array_unref);
    g_clear_pointer(&servers, g_ptr_array_unref);
    service_preconfig_abandon(&run.service);
    end(&run, g_steal_pointer(&vm));
    for (size_t i = 0; i < G_N_ELEMENTS(watches); i++) {
        if (watches[i]) {
            g_source_remove(watches[i]);
        }
    }
    return status;
}

/* A link "qemu-system-ARCH" to the program has the target ARCH. */
static bool
take_target(VtCommandLine *line, const char *path, GError **error)
{
    g_autofree char *name = g_path_get_basename(path ? path : "");

    if (!g_str_has_prefix(name, SERVICE_LINK_PREFIX) ||
        vt_command_line_set_default_target(line, name + strlen(SERVICE_LINK_PREFIX), error)) {
        return true;
    }
    g_prefix_error(error, "%s: ", name);
    return false;
}

static int
run_service(const ServiceProgram *self, int argc, char **argv)
{
    const VtProgram *program = self->program;
    pid_t parent = getppid();
    g_autoptr(ServiceDescriptors) descriptors = service_descriptors_new();
    g_autoptr(VtSchema) schema = vt_schema_new(program->layers);
    g_autoptr(GError) error = NULL;
    bool known = vt_schema_load_paths(schema, g_getenv(VT_SCHEMA_PATH), &error);
    g_autoptr(VtCommandLine) line = known ? vt_command_line_new(program, schema, argc - 1, argv + 1, &error) : NULL;
    g_autoptr(ServicePrivilege) privilege = NULL;
    ServiceOptions options = {NULL};
    int status;

    /* Returns the memory of large requests and replies to the host.  By default malloc() raises these thresholds. */
    mallopt(M_MMAP_THRESHOLD, LARGE_BLOCK);
    mallopt(M_TRIM_THRESHOLD, 2 * LARGE_BLOCK);
    if (!line || !take_target(line, argv[0], &error)) {
        return service_fail(program, NULL, error);
    }
    if (vt_command_line_wants_help(line)) {
        return print_help(program, schema, line);
    }
    self->read(vt_command_line_options(line), &options);
    if (options.version) {
        printf("%s %s\n", program->name, VT_VERSION);
        return SERVICE_DONE;
    }
    vt_command_line_hide_arguments(line);
    if (!service_check_options(&options, line, &error)) {
        return service_fail(program, &options, error);
    }
    privilege = service_privilege_new(options.run_with, parent, &error);
    if (!name_option(line, options.run_with, " ", privilege, &error)) {
        return service_fail(program, &options, error);
    }
    if (options.daemonize && !service_detach(&status)) {
        return status;
    }
    /* GLib aborts if it cannot open descriptors for main contexts and signals. */
    if (!vt_descriptors_are_free(LOOP_DESCRIPTORS)) {
        vt_error_set(&error, "the host cannot open more file descriptors: %s", g_strerror(errno));
        return service_fail(program, &options, error);
    }
    if (options.process) {
        prctl(PR_SET_NAME, options.process);
    }
    service_notify_open();
    status = serve(self, line, &options, privilege, descriptors);
    service_notify_close();
    return status;
}

int
service_main(const ServiceProgram *self, int argc, char **argv)
{
    return output_end(self->program->name, run_service(self, argc, argv));
}
