/* SPDX-License-Identifier: MIT */
#include "drive-limits.h"

#include <stddef.h>

#include <json-c/json.h>

#include "throttle-limits.h"
#include "vt-runtime/json.h"

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
vt_drive_limits_show(const VtObject *drive, json_object *inserted)
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

json_object *
vt_drive_limits_new(const VtBlockIOThrottle *arg, GError **error)
{
    VtThrottleRates rates;
    json_object *value;

    for (size_t i = 0; i < G_N_ELEMENTS(limits); i++) {
        *(int64_t *)((char *)&rates + limits[i].in_rates) =
            *(const int64_t *)((const char *)arg + limits[i].in_command);
    }
    if (!vt_throttle_rates_check(&rates, "", error)) {
        return NULL;
    }
    value = json_object_new_object();
    for (size_t i = 0; i < G_N_ELEMENTS(limits); i++) {
        int64_t number = *(const int64_t *)((const char *)&rates + limits[i].in_rates);

        json_object_object_add(value, limits[i].member, json_object_new_int64(number));
    }
    if (arg->group) {
        vt_json_add_text(value, "group", arg->group);
    }
    return value;
}
