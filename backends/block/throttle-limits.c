/* SPDX-License-Identifier: MIT */
/*
 * Rules for I/O limits.
 */
#include "throttle-limits.h"

#include "vt-runtime/error.h"

/* The product of rate and length must be exact in a double. */
#define VALUE_MAX G_GINT64_CONSTANT(1000000000000000)

static const char *const names[VT_THROTTLE_N_BUCKETS] = {
    "bps-total", "bps-read", "bps-write", "iops-total", "iops-read", "iops-write",
};

static bool
check_bucket(const VtThrottleBucket *bucket, const char *prefix, const char *name, GError **error)
{
    const struct {
        const char *suffix;
        int64_t value;
    } rates[] = {{"", bucket->average}, {"-max", bucket->burst}};

    for (size_t i = 0; i < G_N_ELEMENTS(rates); i++) {
        if (rates[i].value < 0 || rates[i].value > VALUE_MAX) {
            return vt_error_set(error, "%s%s%s: %" G_GINT64_FORMAT " is not between 0 and %" G_GINT64_FORMAT, prefix,
                                name, rates[i].suffix, rates[i].value, VALUE_MAX);
        }
    }
    if (bucket->burst_length <= 0) {
        return vt_error_set(error, "%s%s-max-length: %" G_GINT64_FORMAT " seconds is below the minimum 1", prefix, name,
                            bucket->burst_length);
    }
    if (bucket->burst_length > 1 && !bucket->burst) {
        return vt_error_set(error, "%s%s-max-length: requires %s%s-max", prefix, name, prefix, name);
    }
    if (bucket->burst && bucket->burst_length > VALUE_MAX / bucket->burst) {
        return vt_error_set(error,
                            "%s%s-max-length: %" G_GINT64_FORMAT
                            " seconds exceeds the maximum for a %s-max of %" G_GINT64_FORMAT,
                            prefix, name, bucket->burst_length, name, bucket->burst);
    }
    if (bucket->burst && !bucket->average) {
        return vt_error_set(error, "%s%s-max: requires %s%s", prefix, name, prefix, name);
    }
    if (bucket->burst && bucket->burst < bucket->average) {
        return vt_error_set(error, "%s%s-max: %" G_GINT64_FORMAT " is lower than %s, %" G_GINT64_FORMAT, prefix, name,
                            bucket->burst, name, bucket->average);
    }
    return true;
}

/* A total excludes a limit of reads or writes, for averages and for bursts. */
static bool
check_group(const VtThrottleBucket *group, const char *const *group_names, const char *prefix, GError **error)
{
    for (int part = 1; part <= 2; part++) {
        if (group[0].average && group[part].average) {
            return vt_error_set(error, "%s%s and %s%s cannot be used at the same time", prefix, group_names[0], prefix,
                                group_names[part]);
        }
        if (group[0].burst && group[part].burst) {
            return vt_error_set(error, "%s%s-max and %s%s-max cannot be used at the same time", prefix, group_names[0],
                                prefix, group_names[part]);
        }
    }
    return true;
}

bool
vt_throttle_rates_check(const VtThrottleRates *rates, const char *prefix, GError **error)
{
    const VtThrottleBucket *buckets = rates->buckets;

    if (rates->iops_size && !buckets[VT_THROTTLE_IOPS_TOTAL].average && !buckets[VT_THROTTLE_IOPS_READ].average &&
        !buckets[VT_THROTTLE_IOPS_WRITE].average) {
        return vt_error_set(error, "%siops-size: requires a limit of iops", prefix);
    }
    if (!check_group(&buckets[VT_THROTTLE_BPS_TOTAL], &names[VT_THROTTLE_BPS_TOTAL], prefix, error) ||
        !check_group(&buckets[VT_THROTTLE_IOPS_TOTAL], &names[VT_THROTTLE_IOPS_TOTAL], prefix, error)) {
        return false;
    }
    for (int kind = 0; kind < VT_THROTTLE_N_BUCKETS; kind++) {
        if (!check_bucket(&buckets[kind], prefix, names[kind], error)) {
            return false;
        }
    }
    return true;
}
