/* SPDX-License-Identifier: MIT */
/*
 * QMP commands of '-preconfig': they change what the machine will be, and end the phase.
 */
#include <json-c/json.h>

#include "vt-gen/machine.h"
#include "vt-runtime/await.h"
#include "vt-runtime/error.h"
#include "vt-runtime/monitor.h"
#include "vt-runtime/role.h"

#define KEY "start of the machine"

/* The request is complete when the machine exists, so that the next request finds it. */
bool
vt_qmp_x_exit_preconfig(VtMonitor *monitor, GError **error)
{
    static const VtWorkOps ops = {.free = g_free};
    VtService *service = vt_monitor_service(monitor);

    if (vt_await_done(KEY)) {
        return true;
    }
    if (!service->preconfig || service->leaving) {
        return vt_error_set(error, "The command is permitted only before the machine exists");
    }
    return vt_await_answer(KEY, &ops, g_malloc(1), &service->leaving, error);
}

/* Adds the value of the option with @role.  Takes ownership of @value. */
static void
add(VtMonitor *monitor, json_object *options, VtRole role, json_object *value)
{
    json_object_object_add(options, vt_program_role(vt_monitor_service(monitor)->program, role)->name, value);
}

/* Takes ownership of @options. */
static bool
set(VtMonitor *monitor, const char *command, json_object *options, GError **error)
{
    const VtService *service = vt_monitor_service(monitor);
    bool ok = service->preconfig && !service->leaving
                  ? service->preconfig->set(service->preconfig, command, options, error)
                  : vt_error_set(error, "The command is permitted only before the machine exists");

    json_object_put(options);
    return ok;
}

bool
vt_qmp_machine_set(VtMonitor *monitor, const VtQObjMachineSetArg *arg, GError **error)
{
    json_object *options, *machine;

    if (arg->options && !json_object_is_type(arg->options, json_type_object)) {
        return vt_error_set(error, "machine-set: options: expected an object");
    }
    if (arg->type && arg->options && json_object_object_get_ex(arg->options, "type", NULL)) {
        return vt_error_set(error, "machine-set: options: 'type' repeats the member of the command");
    }
    options = json_object_new_object();
    machine = json_object_new_object();
    if (arg->type) {
        json_object_object_add(machine, "type", json_object_new_string(arg->type));
    }
    if (arg->options) {
        json_object_object_foreach (arg->options, name, value) {
            json_object_object_add(machine, name, json_object_get(value));
        }
    }
    if (json_object_object_length(machine)) {
        add(monitor, options, VT_ROLE_MACHINE, json_object_get(machine));
    }
    json_object_put(machine);
    if (arg->cpu) {
        add(monitor, options, VT_ROLE_PROCESSORS, json_object_get(arg->cpu));
    }
    return set(monitor, "machine-set", options, error);
}

bool
vt_qmp_platform_set(VtMonitor *monitor, const VtQObjPlatformSetArg *arg, GError **error)
{
    json_object *options = json_object_new_object();

    add(monitor, options, VT_ROLE_PLATFORM_VERSION, json_object_new_string(arg->version));
    if (!set(monitor, "platform-set", options, error)) {
        return false;
    }
    vt_monitor_service(monitor)->platform_pinned = true;
    return true;
}
