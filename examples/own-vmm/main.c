/* SPDX-License-Identifier: MIT */
/*
 * own-vmm: runs what its command line describes, until its monitor ends it; without a monitor, it ends at once.
 */
#include <signal.h>
#include <stdio.h>

#include <glib-unix.h>
#include <json-c/json.h>

#include "own-program-own-vmm.h"
#include "vt-runtime/monitor.h"
#include "vt-runtime/options.h"

enum { DONE, WRONG }; /* exit status */

static int
fail(const GError *error)
{
    fprintf(stderr, "own-vmm: %s\n", error->message);
    return WRONG;
}

static void
print_notice(const char *line, void *opaque)
{
    (void)opaque;
    fprintf(stderr, "own-vmm: %s\n", line);
}

static gboolean
on_signal(gpointer opaque)
{
    vt_service_shutdown(opaque, false, "host-signal");
    return G_SOURCE_CONTINUE;
}

/* "own-vmm explain ARGUMENTS": prints each value, with where it comes from. */
static int
explain(const VtVm *vm)
{
    g_autoptr(GArray) objects = vt_vm_objects(vm);

    for (guint i = 0; i < objects->len; i++) {
        const VtEntryKey *entry = &g_array_index(objects, VtEntryKey, i);
        json_object *members = vt_object_explain(entry->object, true);

        json_object_object_foreach (members, name, member) {
            json_object *since = json_object_object_get(member, "since"), *why = json_object_object_get(member, "why");

            printf("%s.%s = %s, %s", entry->key, name,
                   json_object_to_json_string(json_object_object_get(member, "value")),
                   json_object_get_string(json_object_object_get(member, "from")));
            if (since) {
                printf(" since %s", json_object_get_string(since));
            }
            printf("%s%s\n", why ? ": " : "", why ? json_object_get_string(why) : "");
        }
        json_object_put(members);
    }
    return DONE;
}

/* Serves the monitors until a client or a signal ends the program. */
static bool
serve(const VtCommandLine *line, VtVm *vm, GError **error)
{
    const VtOwnVmmOptions *options = vt_command_line_options(line);
    g_autoptr(GMainLoop) loop = g_main_loop_new(NULL, FALSE);
    g_autoptr(GPtrArray) monitors = g_ptr_array_new();
    g_autoptr(GPtrArray) servers = g_ptr_array_new_with_free_func((GDestroyNotify)vt_monitor_server_free);
    VtService service = {.program = &own_vt_program_own_vmm,
                         .vm = vm,
                         .line = line,
                         .freeze = vt_command_line_freeze,
                         .loop = loop,
                         .monitors = monitors,
                         .platform_pinned = !vt_platform_is_chosen(options->platform_version),
                         .held = true};
    guint watches[] = {g_unix_signal_add(SIGTERM, on_signal, &service), g_unix_signal_add(SIGINT, on_signal, &service)};
    bool ok = true;

    for (size_t i = 0; ok && i < options->qmp_server.n; i++) {
        VtMonitorServer *server = vt_monitor_server_new(&service, &options->qmp_server.v[i], error);

        ok = server != NULL;
        if (server) {
            g_ptr_array_add(servers, server);
        }
    }
    ok = ok && vt_vm_realize(vm, error);
    if (ok && servers->len) {
        vt_vm_started(vm);
        service.state = VT_SERVICE_RUNNING;
        vt_service_release(&service);
        g_main_loop_run(loop);
    }
    vt_service_drain(&service);
    g_source_remove(watches[0]);
    g_source_remove(watches[1]);
    return ok;
}

int
main(int argc, char **argv)
{
    const VtProgram *program = &own_vt_program_own_vmm;
    bool explains = argc > 1 && strcmp(argv[1], "explain") == 0;
    g_autoptr(GError) error = NULL;
    g_autofree char *notice = NULL;
    g_autoptr(VtSchema) schema = vt_schema_new(program->layers);
    g_autoptr(VtCommandLine) line =
        vt_command_line_new(program, schema, argc - 1 - explains, argv + 1 + explains, &error);
    g_autoptr(VtVm) vm = NULL;

    if (!line) {
        return fail(error);
    }
    if (vt_command_line_wants_help(line)) {
        g_autofree char *text = vt_command_line_help(program, schema, line, &error);

        return text ? fputs(text, stdout) < 0 : fail(error);
    }
    vm = vt_command_line_choose(line, NULL, &notice, &error);
    if (notice) {
        print_notice(notice, NULL);
    }
    if (!vm) {
        return fail(error);
    }
    if (explains) {
        return explain(vm);
    }
    signal(SIGPIPE, SIG_IGN);
    vt_vm_set_notice_func(vm, print_notice, NULL);
    return serve(line, vm, &error) ? DONE : fail(error);
}
