/* SPDX-License-Identifier: MIT */
/*
 * QMP commands for the run state and the identity of the VM.
 */
#include <json-c/json.h>

#include "accel.h"
#include "vt-gen/machine.h"
#include "vt-runtime/error.h"
#include "vt-runtime/monitor.h"

bool
vt_qmp_query_status(VtMonitor *monitor, VtStatusInfo *ret, GError **error)
{
    static const VtRunState states[] = {
        [VT_SERVICE_PRELAUNCH] = VT_QMP_RUN_STATE_PRELAUNCH, [VT_SERVICE_RUNNING] = VT_QMP_RUN_STATE_RUNNING,
        [VT_SERVICE_PAUSED] = VT_QMP_RUN_STATE_PAUSED,       [VT_SERVICE_RESET] = VT_QMP_RUN_STATE_PRELAUNCH,
        [VT_SERVICE_OFF] = VT_QMP_RUN_STATE_SHUTDOWN,        [VT_SERVICE_SHUTDOWN] = VT_QMP_RUN_STATE_SHUTDOWN,
    };
    VtServiceState state = vt_monitor_service(monitor)->state;

    (void)error;
    ret->running = state == VT_SERVICE_RUNNING && vt_accel_runs_guest(monitor);
    /* As in QEMU, running is true if and only if status is 'running'.  See vt_accel_runs_guest(). */
    ret->status = state == VT_SERVICE_RUNNING && !ret->running ? VT_QMP_RUN_STATE_PRELAUNCH : states[state];
    return true;
}

bool
vt_qmp_cont(VtMonitor *monitor, GError **error)
{
    VtService *service = vt_monitor_service(monitor);

    if (service->state == VT_SERVICE_OFF) {
        return vt_error_set(error, "Resetting the Virtual Machine is required");
    }
    if (service->state != VT_SERVICE_RUNNING) {
        service->state = VT_SERVICE_RUNNING;
        vt_service_event(service, "RESUME", 0, NULL);
    }
    return true;
}

/* A VM that has not started stays in its state. */
bool
vt_qmp_stop(VtMonitor *monitor, GError **error)
{
    VtService *service = vt_monitor_service(monitor);

    (void)error;
    if (service->state == VT_SERVICE_RUNNING) {
        service->state = VT_SERVICE_PAUSED;
        vt_service_event(service, "STOP", 0, NULL);
    }
    return true;
}

bool
vt_qmp_query_name(VtMonitor *monitor, VtNameInfo *ret, GError **error)
{
    const char *name = vt_monitor_service(monitor)->vm_name;
    json_object *info = json_object_new_object();

    (void)ret;
    (void)error;
    if (name) {
        json_object_object_add(info, "name", json_object_new_string(name));
    }
    vt_monitor_answer(monitor, info);
    return true;
}

bool
vt_qmp_query_uuid(VtMonitor *monitor, VtUuidInfo *ret, GError **error)
{
    const char *uuid = vt_monitor_service(monitor)->vm_uuid;

    (void)error;
    ret->UUID = g_strdup(uuid ? uuid : "00000000-0000-0000-0000-000000000000");
    return true;
}
