/* SPDX-License-Identifier: MIT */
/*
 * QMP commands for the balloon.
 */
#include <json-c/json.h>

#include "vt-gen/hw.h"
#include "vt-runtime/error.h"
#include "vt-runtime/monitor.h"

static bool
find_balloon(VtObject *device, void *opaque)
{
    const VtObject *inner = vt_object_child(device, "virtio-backend");

    *(bool *)opaque = vt_object_is_a(inner ? inner : device, "virtio-balloon-device");
    return !*(bool *)opaque;
}

static bool
check_balloon(const VtVm *vm, GError **error)
{
    bool found = false;

    vt_vm_each(vm, "device", find_balloon, &found);
    if (!found) {
        g_set_error(error, VT_ERROR, VT_ERROR_DEVICE_NOT_ACTIVE, "the machine has no balloon device");
    }
    return found;
}

/* The guest gives back memory when its driver runs; before, it has all. */
bool
vt_qmp_query_balloon(VtMonitor *monitor, VtBalloonInfo *ret, GError **error)
{
    const VtVm *vm = vt_monitor_service(monitor)->vm;
    json_object *memory;

    if (!check_balloon(vm, error)) {
        return false;
    }
    memory = vt_object_member(vt_vm_machine(vm), "memory", 0);
    ret->actual = json_object_get_int64(json_object_object_get(memory, "size"));
    json_object_put(memory);
    return true;
}

/* It is a request to the driver of the guest. */
bool
vt_qmp_balloon(VtMonitor *monitor, const VtQObjBalloonArg *arg, GError **error)
{
    if (!check_balloon(vt_monitor_service(monitor)->vm, error)) {
        return false;
    }
    return arg->value > 0 ||
           vt_error_set(error, "value: '%" G_GINT64_FORMAT "' is no size; expected a number above 0", arg->value);
}
