/* SPDX-License-Identifier: MIT */
/*
 * Limits of I/O: six leaky buckets (bytes and operations; total, read, write).  Pure.
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
    int64_t burst;        /* per second while a burst lasts; 0: none */
    int64_t burst_length; /* seconds */
} VtThrottleBucket;

typedef struct VtThrottleRates {
    VtThrottleBucket buckets[VT_THROTTLE_N_BUCKETS];
    int64_t iops_size; /* bytes that count as one operation; 0: any request is one */
} VtThrottleRates;

/* Fails with the first rule broken, naming the limits by @prefix ("", "x-") and name. */
bool vt_throttle_rates_check(const VtThrottleRates *rates, const char *prefix, GError **error);

/* How full the buckets are.  Zeroed: empty. */
typedef struct VtThrottleLevels {
    double level[VT_THROTTLE_N_BUCKETS], burst_level[VT_THROTTLE_N_BUCKETS];
    int64_t leaked_ns; /* until when */
} VtThrottleLevels;

/* Lets out what has leaked by @now_ns. */
void vt_throttle_leak(VtThrottleLevels *levels, const VtThrottleRates *rates, int64_t now_ns);
/* How long a read or write has to wait from then on; 0: it may go ahead. */
int64_t vt_throttle_wait_ns(const VtThrottleLevels *levels, const VtThrottleRates *rates, bool write);
/* It goes ahead. */
void vt_throttle_fill(VtThrottleLevels *levels, const VtThrottleRates *rates, bool write, int64_t size);
