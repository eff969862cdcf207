/* SPDX-License-Identifier: MIT */
/*
 * Drives of '-drive' and 'drive_add' in the human monitor.
 */
#include "query-block.h"

#include <stddef.h>
#include <string.h>

#include <json-c/json.h>

#include "throttle-limits.h"
#include "vt-runtime/error.h"
#include "vt-runtime/human.h"
#include "vt-runtime/json.h"
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

/* A limit: its offsets in the command, in the drive and among the rates, and its names in command and drive. */
typedef struct Limit {
    size_t in_command, in_drive, in_rates;
    const char *shown, *member;
} Limit;

#define LIMIT(command, drive, rate, shown, member)                                                                     \
    {                                                                                                                  \
        offsetof(VtBlockIOThrottle, command), offsetof(VtBlockBackendLimits, drive), offsetof(VtThrottleRates, rate),  \
            shown, member                                                                                              \
    }
#define LIMITS(command, drive, kind, shown, member)                                                                    \
    LIMIT(command, drive, buckets[kind].average, shown, member),                                                       \
        LIMIT(command##_max, drive##_max, buckets[kind].burst, shown "_max", member "-max"),                           \
        LIMIT(command##_max_length, drive##_max_length, buckets[kind].burst_length, shown "_max_length",               \
              member "-max-length")

static const Limit limits[] = {
    LIMITS(bps, bps_total, VT_THROTTLE_BPS_TOTAL, "bps", "bps-total"),
    LIMITS(bps_rd, bps_read, VT_THROTTLE_BPS_READ, "bps_rd", "bps-read"),
    LIMITS(bps_wr, bps_write, VT_THROTTLE_BPS_WRITE, "bps_wr", "bps-write"),
    LIMITS(iops, iops_total, VT_THROTTLE_IOPS_TOTAL, "iops", "iops-total"),
    LIMITS(iops_rd, iops_read, VT_THROTTLE_IOPS_READ, "iops_rd", "iops-read"),
    LIMITS(iops_wr, iops_write, VT_THROTTLE_IOPS_WRITE, "iops_wr", "iops-write"),
    LIMIT(iops_size, iops_size, iops_size, "iops_size", "iops-size"),
};

void
vt_drive_show_limits(const VtObject *drive, json_object *inserted)
{
    const VtBlockBackend *config = vt_object_config(drive);
    uint64_t sum = 0, last = 0;

    for (size_t i = 0; i < G_N_ELEMENTS(limits); i++) {
        uint64_t value = *(const uint64_t *)((const char *)&config->limits + limits[i].in_drive);
        bool length = g_str_has_suffix(limits[i].shown, "_length");

        /* A rate is always shown, the length of a burst beside the burst. */
        if ((length ? last : value) || json_object_object_get_ex(inserted, limits[i].shown, NULL)) {
            json_object_object_add(inserted, limits[i].shown, json_object_new_uint64(value));
        }
        sum += length ? 0 : value;
        last = value;
    }
    if (sum) {
        vt_json_add_text(inserted, "group", config->limits.group ? config->limits.group : vt_object_id(drive));
    }
}

/* The drive that the command names. */
static VtObject *
find_drive(VtVm *vm, const VtBlockIOThrottle *arg, GError **error)
{
    const char *name = arg->id ? arg->id : arg->device;
    g_autoptr(GArray) entries = vt_vm_objects(vm);
    const VtBlockNode *node;

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
    VtThrottleRates rates;
    json_object *value;
    g_autoptr(VtInput) input = NULL;

    if (!drive) {
        return false;
    }
    for (size_t i = 0; i < G_N_ELEMENTS(limits); i++) {
        *(int64_t *)((char *)&rates + limits[i].in_rates) =
            *(const int64_t *)((const char *)arg + limits[i].in_command);
    }
    if (!vt_throttle_rates_check(&rates, "", error)) {
        return false;
    }
    value = json_object_new_object();
    for (size_t i = 0; i < G_N_ELEMENTS(limits); i++) {
        int64_t number = *(const int64_t *)((const char *)&rates + limits[i].in_rates);

        json_object_object_add(value, limits[i].member, json_object_new_int64(number));
    }
    if (arg->group) {
        vt_json_add_text(value, "group", arg->group);
    }
    input = vt_input_new_object(value, "block_set_io_throttle");
    json_object_put(value);
    return vt_object_set(drive, "limits", input, error);
}
