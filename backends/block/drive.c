/* SPDX-License-Identifier: MIT */
/*
 * Drives of '-drive' and 'drive_add' in the human monitor.
 */
#include "query-block.h"

#include <json-c/json_object.h>

#include "drive-limits.h"
#include "vt-runtime/error.h"
#include "vt-runtime/human.h"
#include "vt-runtime/monitor.h"

/* The device that uses the drive stays: requests of its guest fail, as those to a drive without a medium. */
static bool
detach(const VtVm *vm, const VtObject *drive, GError **error)
{
    g_autoptr(GArray) entries = vt_vm_objects(vm);

    for (guint i = 0; i < entries->len; i++) {
        const VtEntryKey *entry = &g_array_index(entries, VtEntryKey, i);
        VtBlockNode *node;
        const VtProp *prop = vt_block_entry_user(entry, &node);

        if (prop && node->object == drive && !vt_object_follow_ref(entry->object, prop, NULL, error)) {
            return false;
        }
    }
    return true;
}

bool
vt_hmp_drive_del(VtMonitor *monitor, const VtQObjHmpDriveDelArg *arg, GString *text, GError **error)
{
    VtVm *vm = vt_monitor_service(monitor)->vm;
    const VtObject *drive = vt_vm_find(vm, "block-node", arg->id);

    (void)text;
    if (!drive) {
        return vt_error_set(error, "no drive '%s'", arg->id);
    }
    return (!vt_object_is_a(drive, "block-backend") || detach(vm, drive, error)) &&
           vt_vm_delete(vm, "block-node", arg->id, error);
}

/* ---- limits ------------------------------------------------------------------------------------------------ */

/* The drive that the command names. */
static VtObject *
find_drive(VtVm *vm, const VtBlockIOThrottle *arg, GError **error)
{
    const char *name = arg->id ? arg->id : arg->device;
    g_autoptr(GArray) entries = vt_vm_objects(vm);
    VtBlockNode *node;

    if (!arg->id == !arg->device) {
        vt_error_set(error, "expected exactly one of 'device' and 'id'");
        return NULL;
    }
    node = vt_block_device_node(vm, entries, name);
    if (!node) {
        g_set_error(error, VT_ERROR, VT_ERROR_DEVICE_NOT_FOUND, "Device '%s' not found", name);
        return NULL;
    }
    if (vt_block_medium(node) == node) {
        vt_error_set(error, "device '%s' has no drive; without an engine, a node of the driver 'throttle' has limits",
                     name);
        return NULL;
    }
    if (!vt_block_medium(node)) {
        vt_error_set(error, "Device '%s' has no medium", name);
        return NULL;
    }
    return node->object;
}

bool
vt_qmp_block_set_io_throttle(VtMonitor *monitor, const VtBlockIOThrottle *arg, GError **error)
{
    VtObject *drive = find_drive(vt_monitor_service(monitor)->vm, arg, error);
    json_object *value = drive ? vt_drive_limits_new(arg, error) : NULL;
    g_autoptr(VtInput) input = NULL;

    if (!value) {
        return false;
    }
    input = vt_input_new_object(value, "block_set_io_throttle");
    json_object_put(value);
    return vt_object_set(drive, "limits", input, error);
}
