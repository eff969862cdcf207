/* SPDX-License-Identifier: MIT */
/*
 * QMP commands to the hardware of the guest.  What the guest would do has no effect without an engine; what the machine
 * lacks is an error.
 */
#include <json-c/json.h>

#include "vt-gen/machine.h"
#include "vt-runtime/error.h"
#include "vt-runtime/monitor.h"

static const VtClassInfo *
machine_of(VtMonitor *monitor)
{
    return vt_object_class(vt_vm_machine(vt_monitor_service(monitor)->vm));
}

/* Machines of PCs suspend the guest to RAM. */
bool
vt_qmp_query_current_machine(VtMonitor *monitor, VtCurrentMachineParams *ret, GError **error)
{
    (void)error;
    ret->wakeup_suspend_support = vt_object_is_a(vt_vm_machine(vt_monitor_service(monitor)->vm), "pc-common");
    return true;
}

bool
vt_qmp_inject_nmi(VtMonitor *monitor, GError **error)
{
    return vt_class_implements(machine_of(monitor), "nmi") ||
           vt_error_set(error, "machine '%s' has no non-maskable interrupt", machine_of(monitor)->name);
}

bool
vt_qmp_rtc_reset_reinjection(VtMonitor *monitor, GError **error)
{
    (void)monitor, (void)error;
    return true;
}

bool
vt_qmp_send_key(VtMonitor *monitor, const VtQObjSendKeyArg *arg, GError **error)
{
    (void)monitor, (void)arg, (void)error;
    return true;
}

bool
vt_qmp_query_replay(VtMonitor *monitor, VtReplayInfo *ret, GError **error)
{
    (void)monitor, (void)error;
    ret->mode = VT_REPLAY_PHASE_NONE;
    return true;
}

static bool
find_generation_id(VtObject *device, void *opaque)
{
    if (vt_object_is_a(device, "vmgenid")) {
        *(const VtVmgenid **)opaque = vt_object_config(device);
    }
    return !*(const VtVmgenid **)opaque;
}

bool
vt_qmp_query_vm_generation_id(VtMonitor *monitor, VtGuidInfo *ret, GError **error)
{
    const VtVmgenid *device = NULL;

    vt_vm_each(vt_monitor_service(monitor)->vm, "device", find_generation_id, &device);
    if (!device || !device->guid) {
        return vt_error_set(error, "the machine has no device 'vmgenid'");
    }
    ret->guid = g_strdup(device->guid);
    return true;
}
