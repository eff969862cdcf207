/* SPDX-License-Identifier: MIT */
/*
 * Commands of the human monitor for the network.
 */
#include <string.h>

#include <json-c/json.h>

#include "vt-gen/machine.h"
#include "vt-runtime/human.h"
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
