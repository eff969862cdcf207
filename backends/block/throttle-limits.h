/* SPDX-License-Identifier: MIT */
/*
 * I/O limits: six leaky buckets (bytes and operations; total, read, write).  Pure functions.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <glib.h>

typedef enum VtThrottleBucketKind {
    VT_THROTTLE_BPS_TOTAL,
    VT_THROTTLE_BPS_READ,
    VT_THROTTLE_BPS_WRITE,
    VT_THROTTLE_IOPS_TOTAL,
    VT_THROTTLE_IOPS_READ,
    VT_THROTTLE_IOPS_WRITE,
    VT_THROTTLE_N_BUCKETS,
} VtThrottleBucketKind;

typedef struct VtThrottleBucket {
    int64_t average;      /* per second; 0: no limit */
    int64_t burst;        /* per second during a burst; 0: no burst */
    int64_t burst_length; /* seconds */
} VtThrottleBucket;

typedef struct VtThrottleRates {
    VtThrottleBucket buckets[VT_THROTTLE_N_BUCKETS];
    int64_t iops_size; /* bytes that count as one operation; 0: each request counts as one */
} VtThrottleRates;

/* Fails on the first broken rule.  The error names each limit by @prefix ("limits.", "x-") and its name. */
bool vt_throttle_rates_check(const VtThrottleRates *rates, const char *prefix, GError **error);

/* Levels of the buckets.  Zeroed: empty. */
typedef struct VtThrottleLevels {
    double level[VT_THROTTLE_N_BUCKETS], burst_level[VT_THROTTLE_N_BUCKETS];
    int64_t leaked_ns; /* time of the last leak */
} VtThrottleLevels;

/* Lowers the levels by what has leaked until @now_ns. */
void vt_throttle_leak(VtThrottleLevels *levels, const VtThrottleRates *rates, int64_t now_ns);
/* Nanoseconds that a read or write has to wait; 0: it may run now. */
int64_t vt_throttle_wait_ns(const VtThrottleLevels *levels, const VtThrottleRates *rates, bool write);
/* Counts a request that runs now. */
void vt_throttle_fill(VtThrottleLevels *levels, const VtThrottleRates *rates, bool write, int64_t size);
