/* SPDX-License-Identifier: MIT */
/*
 * Commands that delete objects.  Commands that create objects have no code: the dispatcher creates the object.
 */
#include "vt-gen/runtime.h"
#include "vt-runtime/error.h"
#include "vt-runtime/monitor.h"

static bool
not_found(GError **error, const char *what, const char *id)
{
    g_set_error(error, VT_ERROR, VT_ERROR_DEVICE_NOT_FOUND, "%s '%s' not found", what, id);
    return false;
}

bool
vt_qmp_object_del(VtMonitor *monitor, const VtQObjObjectDelArg *arg, GError **error)
{
    VtVm *vm = vt_monitor_service(monitor)->vm;

    if (!vt_vm_find(vm, "object", arg->id)) {
        return vt_error_set(error, "object '%s' not found", arg->id);
    }
    return vt_vm_delete(vm, "object", arg->id, error);
}

bool
vt_qmp_netdev_del(VtMonitor *monitor, const VtQObjNetdevDelArg *arg, GError **error)
{
    VtVm *vm = vt_monitor_service(monitor)->vm;

    if (!vt_vm_find(vm, "netdev", arg->id)) {
        return not_found(error, "Device", arg->id);
    }
    return vt_vm_delete(vm, "netdev", arg->id, error);
}

bool
vt_qmp_blockdev_del(VtMonitor *monitor, const VtQObjBlockdevDelArg *arg, GError **error)
{
    VtVm *vm = vt_monitor_service(monitor)->vm;

    if (!vt_vm_find(vm, "block-node", arg->node_name)) {
        return vt_error_set(error, "Failed to find node with node-name='%s'", arg->node_name);
    }
    return vt_vm_delete(vm, "block-node", arg->node_name, error);
}
