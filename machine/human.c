/* SPDX-License-Identifier: MIT */
/*
 * Commands of the human monitor for the network and for drives.
 */
#include <string.h>

#include <json-c/json.h>

#include "vt-gen/machine.h"
#include "vt-runtime/error.h"
#include "vt-runtime/human.h"
#include "vt-runtime/options.h"
#include "vt-runtime/output.h"

static bool
show_netdev(VtObject *object, void *opaque)
{
    g_string_append_printf(opaque, "%s: type=%s\n", vt_object_id(object), vt_object_class(object)->tag);
    return true;
}

/* A device with the member 'netdev' is a card. */
static bool
show_card(VtObject *object, void *opaque)
{
    const VtClassInfo *info = vt_object_class(object);

    if (vt_class_prop(info, "netdev", strlen("netdev"))) {
        json_object *value = vt_object_member(object, "netdev", VT_OUTPUT_NAMES);

        g_string_append_printf(opaque, "%s: type=nic,model=%s,peer=%s\n", vt_object_display(object), info->name,
                               value ? json_object_get_string(value) : "none");
        json_object_put(value);
    }
    return true;
}

bool
vt_hmp_info_network(VtMonitor *monitor, GString *text, GError **error)
{
    const VtVm *vm = vt_monitor_service(monitor)->vm;

    (void)error;
    vt_vm_each(vm, "device", show_card, text);
    vt_vm_each(vm, "netdev", show_netdev, text);
    return true;
}

/* ---- drives ---------------------------------------------------------------------------------------------- */

bool
vt_hmp_drive_add(VtMonitor *monitor, const VtQObjHmpDriveAddArg *arg, GString *text, GError **error)
{
    const VtService *service = vt_monitor_service(monitor);

    if (service->preconfig) {
        return vt_error_set(error, "drive_add: the machine does not exist yet");
    }
    if (!vt_option_add_objects(service->program, service->vm, "drive", arg->value, "block-node", error)) {
        return false;
    }
    g_string_append(text, "OK\n");
    return true;
}
