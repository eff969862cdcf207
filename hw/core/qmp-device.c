/* SPDX-License-Identifier: MIT */
/*
 * QMP commands for devices.
 */
#include "vt-gen/hw.h"
#include "vt-runtime/monitor.h"

bool
vt_qmp_device_del(VtMonitor *monitor, const VtQObjDeviceDelArg *arg, GError **error)
{
    return vt_service_unplug(vt_monitor_service(monitor), arg->id, error);
}

bool
vt_qmp_device_list_properties(VtMonitor *monitor, const VtQObjDeviceListPropertiesArg *arg,
                              VtObjectPropertyInfoList *ret, GError **error)
{
    (void)ret;
    return vt_monitor_answer_device_class(monitor, arg->typename, error);
}
