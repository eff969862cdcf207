/* SPDX-License-Identifier: MIT */
/*
 * QMP commands for reset and shutdown.
 */
#include <json-c/json.h>

#include "vt-gen/machine.h"
#include "vt-runtime/config.h"
#include "vt-runtime/monitor.h"

#define BY_CLIENT "host-qmp-system-reset"
#define ARGUMENTS "q_obj_set-action-arg"

static void
send_event(VtService *service, const char *event)
{
    json_object *data = json_object_new_object();

    json_object_object_add(data, "guest", json_object_new_boolean(false));
    json_object_object_add(data, "reason", json_object_new_string(BY_CLIENT));
    vt_service_event_tree(service, event, data);
}

/* The process stays, so that clients can inspect the VM. */
static void
switch_off(VtService *service)
{
    bool was_running = service->state == VT_SERVICE_RUNNING;

    send_event(service, "SHUTDOWN");
    service->state = VT_SERVICE_OFF;
    if (was_running) {
        vt_service_event_tree(service, "STOP", NULL);
    }
}

bool
vt_qmp_system_reset(VtMonitor *monitor, GError **error)
{
    VtService *service = vt_monitor_service(monitor);

    (void)error;
    if (service->reset_ends && service->shutdown_pauses) {
        switch_off(service);
    } else if (service->reset_ends) {
        vt_service_shutdown(service, false, BY_CLIENT);
    } else {
        send_event(service, "RESET");
        /* A VM that has not started stays in state prelaunch. */
        if (service->state != VT_SERVICE_RUNNING && service->state != VT_SERVICE_PRELAUNCH) {
            service->state = VT_SERVICE_RESET;
        }
    }
    return true;
}

bool
vt_qmp_system_powerdown(VtMonitor *monitor, GError **error)
{
    (void)error;
    vt_service_event_tree(vt_monitor_service(monitor), "POWERDOWN", NULL);
    return true;
}

/* No vCPU runs, so the watchdog never expires and the action has no effect. */
bool
vt_qmp_watchdog_set_action(VtMonitor *monitor, const VtQObjWatchdogSetActionArg *arg, GError **error)
{
    (void)monitor;
    (void)arg;
    (void)error;
    return true;
}

bool
vt_qmp_set_action(VtMonitor *monitor, const VtQObjSetActionArg *arg, GError **error)
{
    VtService *service = vt_monitor_service(monitor);
    const VtSchema *schema = vt_context_schema(vt_vm_context(service->vm));

    (void)error;
    if (vt_struct_given(schema, ARGUMENTS, arg, "reboot")) {
        service->reset_ends = arg->reboot == VT_REBOOT_ACTION_SHUTDOWN;
    }
    if (vt_struct_given(schema, ARGUMENTS, arg, "shutdown")) {
        service->shutdown_pauses = arg->shutdown == VT_SHUTDOWN_ACTION_PAUSE;
    }
    return true;
}
