/* SPDX-License-Identifier: MIT */
#include "service-check.h"

#include <string.h>

#include "vt-runtime/error.h"
#include "vt-runtime/monitor.h"

static bool
check_monitors(const ServiceOptions *options, const VtCommandLine *line, GError **error)
{
    for (size_t i = 0; i < options->n_mon; i++) {
        if (options->mon[i].mode == VT_MONITOR_MODE_READLINE && options->mon[i].pretty) {
            return vt_error_set(error, "%s: pretty: only a QMP monitor (mode=control) writes JSON",
                                vt_command_line_where(line, &options->mon[i]));
        }
        for (size_t j = 0; j < i; j++) {
            if (options->mon[i].id && g_strcmp0(options->mon[i].id, options->mon[j].id) == 0) {
                return vt_error_set(error, "%s: id: monitor '%s' already exists",
                                    vt_command_line_where(line, &options->mon[i]), options->mon[i].id);
            }
        }
    }
    return true;
}

/* Only one client can use standard input and output; a daemon has none. */
static bool
check_servers(const ServiceOptions *options, const VtCommandLine *line, GError **error)
{
    bool seen = false;

    for (size_t i = 0; i < options->n_qmp; i++) {
        bool is_stdio = vt_monitor_server_is_stdio(&options->qmp[i]);

        if (!vt_monitor_server_check(&options->qmp[i], error)) {
            g_prefix_error(error, "%s: ", vt_command_line_where(line, &options->qmp[i]));
            return false;
        }
        if (is_stdio && (seen || options->daemonize)) {
            return vt_error_set(error, "%s: %s", vt_command_line_where(line, &options->qmp[i]),
                                seen ? "standard input and output are in use"
                                     : "a daemon has no standard input and output");
        }
        seen |= is_stdio;
    }
    return true;
}

bool
service_check_options(const ServiceOptions *options, const VtCommandLine *line, GError **error)
{
    if (options->daemonize && options->run_with->exit_with_parent) {
        return vt_error_set(error, "-%s exit-with-parent=on: a daemon has no parent",
                            vt_command_line_option(line, options->run_with));
    }
    return check_servers(options, line, error) && check_monitors(options, line, error);
}

/* A daemon closes its terminal. */
static bool
check_no_terminal(const VtVm *vm, GError **error)
{
    g_autoptr(GArray) objects = vt_vm_objects(vm);

    for (guint i = 0; i < objects->len; i++) {
        const VtObject *object = g_array_index(objects, VtEntryKey, i).object;

        if (vt_object_is_a(object, "chardev-stdio")) {
            return vt_error_set(error, "chardev '%s': a daemon has no standard input and output", vt_object_id(object));
        }
    }
    return true;
}

bool
service_check_vm(const ServiceOptions *options, const VtCommandLine *line, const VtVm *vm, GError **error)
{
    for (size_t i = 0; i < options->n_mon; i++) {
        const char *id = options->mon[i].chardev;

        if (!vt_vm_find(vm, "chardev", id)) {
            return vt_error_set(error, "%s: no chardev '%s'", vt_command_line_where(line, &options->mon[i]), id);
        }
    }
    return !options->daemonize || check_no_terminal(vm, error);
}
