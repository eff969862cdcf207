/* SPDX-License-Identifier: MIT */
/*
 * Leaky buckets.  Each request adds to the level of its buckets, and the level falls at the configured rate.  While a
 * bucket is full, requests wait.  So the rate holds for any request size and any time span.
 */
#include "throttle-limits.h"

#define NS 1e9
/* A bucket without a burst holds what this fraction of a second adds.  Otherwise every other request would wait. */
#define USUAL_BURST 10

/* The buckets that a read and a write count against. */
static const VtThrottleBucketKind fills[2][4] = {
    {VT_THROTTLE_BPS_TOTAL, VT_THROTTLE_BPS_READ, VT_THROTTLE_IOPS_TOTAL, VT_THROTTLE_IOPS_READ},
    {VT_THROTTLE_BPS_TOTAL, VT_THROTTLE_BPS_WRITE, VT_THROTTLE_IOPS_TOTAL, VT_THROTTLE_IOPS_WRITE},
};

void
vt_throttle_leak(VtThrottleLevels *levels, const VtThrottleRates *rates, int64_t now_ns)
{
    double seconds = (double)(now_ns - levels->leaked_ns) / NS;

    if (seconds <= 0) {
        return;
    }
    levels->leaked_ns = now_ns;
    for (int i = 0; i < VT_THROTTLE_N_BUCKETS; i++) {
        const VtThrottleBucket *bucket = &rates->buckets[i];

        levels->level[i] = MAX(levels->level[i] - (double)bucket->average * seconds, 0);
        levels->burst_level[i] = MAX(levels->burst_level[i] - (double)bucket->burst * seconds, 0);
    }
}

/* Nanoseconds until the bucket is no longer full. */
static double
wait_for(double level, double size, int64_t rate)
{
    return level > size ? (level - size) / (double)rate * NS : 0;
}

static double
wait_for_bucket(const VtThrottleLevels *levels, const VtThrottleBucket *bucket, int i)
{
    double size = (double)bucket->average / USUAL_BURST, wait;

    if (!bucket->average) {
        return 0;
    }
    if (bucket->burst) {
        /* The size of a whole burst.  The burst bucket limits the rate within the burst. */
        size = (double)bucket->burst * (double)bucket->burst_length;
    }
    wait = wait_for(levels->level[i], size, bucket->average);
    if (!wait && bucket->burst && bucket->burst_length > 1) {
        wait = wait_for(levels->burst_level[i], (double)bucket->burst / USUAL_BURST, bucket->burst);
    }
    return wait;
}

int64_t
vt_throttle_wait_ns(const VtThrottleLevels *levels, const VtThrottleRates *rates, bool write)
{
    double longest = 0;

    for (size_t k = 0; k < G_N_ELEMENTS(fills[write]); k++) {
        double wait = wait_for_bucket(levels, &rates->buckets[fills[write][k]], (int)fills[write][k]);

        longest = MAX(longest, wait);
    }
    return longest > 0 ? (int64_t)MIN(longest, NS * 3600) + 1 : 0;
}

void
vt_throttle_fill(VtThrottleLevels *levels, const VtThrottleRates *rates, bool write, int64_t size)
{
    double operations = 1;

    if (rates->iops_size && size > rates->iops_size) {
        operations = (double)size / (double)rates->iops_size;
    }
    for (size_t k = 0; k < G_N_ELEMENTS(fills[write]); k++) {
        VtThrottleBucketKind i = fills[write][k];
        double amount = i < VT_THROTTLE_IOPS_TOTAL ? (double)size : operations;

        levels->level[i] += amount;
        levels->burst_level[i] += amount;
    }
}
