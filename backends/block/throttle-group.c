/* SPDX-License-Identifier: MIT */
/*
 * throttle-group: I/O limits that several block nodes share.  The user sets them in 'limits', or one by one as x-NAME.
 * A limit that is set in neither does not apply.
 */
#include "throttle-queue.h"

#include <stddef.h>

#include "vt-gen/backends.h"
#include "vt-runtime/error.h"

/* One limit: its name, its offsets, and the value that means "not set". */
typedef struct Limit {
    const char *name;
    size_t in_limits, in_group, in_rates;
    int64_t unsaid;
} Limit;

#define LIMIT(name, member, rate, unsaid)                                                                              \
    {                                                                                                                  \
        name, offsetof(VtThrottleLimits, member), offsetof(VtThrottleGroup, x_##member),                               \
            offsetof(VtThrottleRates, rate), unsaid                                                                    \
    }
#define BUCKET(name, member, kind)                                                                                     \
    LIMIT(name, member, buckets[kind].average, 0), LIMIT(name "-max", member##_max, buckets[kind].burst, 0),           \
        LIMIT(name "-max-length", member##_max_length, buckets[kind].burst_length, 1)

static const Limit limits[] = {
    BUCKET("bps-total", bps_total, VT_THROTTLE_BPS_TOTAL), BUCKET("bps-read", bps_read, VT_THROTTLE_BPS_READ),
    BUCKET("bps-write", bps_write, VT_THROTTLE_BPS_WRITE), BUCKET("iops-total", iops_total, VT_THROTTLE_IOPS_TOTAL),
    BUCKET("iops-read", iops_read, VT_THROTTLE_IOPS_READ), BUCKET("iops-write", iops_write, VT_THROTTLE_IOPS_WRITE),
    LIMIT("iops-size", iops_size, iops_size, 0),
};

static int64_t
limit_at(const void *base, size_t offset)
{
    return *(const int64_t *)((const char *)base + offset);
}

static bool
find_rates(VtObject *object, VtThrottleRates *rates, GError **error)
{
    const VtThrottleGroup *group = vt_object_config(object);
    bool in_limits = false, in_group = false;

    for (size_t i = 0; i < G_N_ELEMENTS(limits); i++) {
        const Limit *limit = &limits[i];
        int64_t together = limit_at(&group->limits, limit->in_limits);
        int64_t alone = limit_at(group, limit->in_group);

        if (together != limit->unsaid && alone != limit->unsaid && together != alone) {
            return vt_error_set(error, "limits.%s and x-%s have different values; set only one of them", limit->name,
                                limit->name);
        }
        in_limits = in_limits || together != limit->unsaid;
        in_group = in_group || alone != limit->unsaid;
        *(int64_t *)((char *)rates + limit->in_rates) = together != limit->unsaid ? together : alone;
    }
    return vt_throttle_rates_check(rates, in_group && !in_limits ? "x-" : "limits.", error);
}

static bool
validate(VtObject *object, GError **error)
{
    VtThrottleRates rates;

    return find_rates(object, &rates, error);
}

const VtOps vt_ops_throttle_group;

VtThrottleQueue *
vt_throttle_group_queue(VtObject *group)
{
    return *(VtThrottleQueue **)vt_object_state(group, &vt_ops_throttle_group);
}

static bool
realize(VtObject *object, GError **error)
{
    VtThrottleQueue **queue = vt_object_state(object, &vt_ops_throttle_group);
    VtThrottleRates rates;

    if (!find_rates(object, &rates, error)) {
        return false;
    }
    *queue = vt_throttle_queue_new(&rates);
    return true;
}

static void
unrealize(VtObject *object)
{
    VtThrottleQueue **queue = vt_object_state(object, &vt_ops_throttle_group);

    g_clear_pointer(queue, vt_throttle_queue_free);
}

static bool
set(VtObject *object, const VtProp *prop, GError **error)
{
    VtThrottleRates rates;

    (void)prop;
    if (!find_rates(object, &rates, error)) {
        return false;
    }
    vt_throttle_queue_set_rates(vt_throttle_group_queue(object), &rates);
    return true;
}

const VtOps vt_ops_throttle_group = {
    .state_size = sizeof(VtThrottleQueue *),
    .validate = validate,
    .realize = realize,
    .unrealize = unrealize,
    .set = set,
};
