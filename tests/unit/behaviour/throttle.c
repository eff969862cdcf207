/* SPDX-License-Identifier: MIT */
#include "../../../backends/block/throttle-limits.h"

#include "vt-test.h"

static VtThrottleRates
no_limits(void)
{
    VtThrottleRates rates = {.iops_size = 0};

    for (int kind = 0; kind < VT_THROTTLE_N_BUCKETS; kind++) {
        rates.buckets[kind].burst_length = 1;
    }
    return rates;
}

static void
judge(const VtThrottleRates *rates, const char *message)
{
    g_autoptr(GError) error = NULL;

    if (vt_throttle_rates_check(rates, "", &error)) {
        g_assert_null(message);
    } else {
        g_assert_cmpstr(error->message, ==, message);
    }
}

VT_TEST(limits_that_agree_are_taken, "/throttle/good")
{
    VtThrottleRates rates = no_limits();

    judge(&rates, NULL);
    rates.buckets[VT_THROTTLE_IOPS_TOTAL] = (VtThrottleBucket){100, 200, 10};
    rates.buckets[VT_THROTTLE_BPS_READ] = (VtThrottleBucket){1024, 0, 1};
    rates.buckets[VT_THROTTLE_BPS_WRITE] = (VtThrottleBucket){1024, 1024, 60};
    rates.iops_size = 4096;
    judge(&rates, NULL);
}

VT_TEST(a_total_excludes_its_parts, "/throttle/total-and-parts")
{
    VtThrottleRates rates = no_limits();

    rates.buckets[VT_THROTTLE_IOPS_TOTAL].average = 100;
    rates.buckets[VT_THROTTLE_BPS_READ].average = 1;
    judge(&rates, NULL);
    rates.buckets[VT_THROTTLE_IOPS_WRITE].average = 1;
    judge(&rates, "iops-total and iops-write cannot be used at the same time");
}

VT_TEST(a_burst_needs_and_exceeds_its_rate, "/throttle/burst")
{
    VtThrottleRates rates = no_limits();
    VtThrottleBucket *bucket = &rates.buckets[VT_THROTTLE_BPS_TOTAL];

    *bucket = (VtThrottleBucket){0, 10, 1};
    judge(&rates, "bps-total-max: requires bps-total");
    *bucket = (VtThrottleBucket){100, 10, 1};
    judge(&rates, "bps-total-max: 10 is lower than bps-total, 100");
    *bucket = (VtThrottleBucket){100, 0, 10};
    judge(&rates, "bps-total-max-length: requires bps-total-max");
    *bucket = (VtThrottleBucket){100, 200, 0};
    judge(&rates, "bps-total-max-length: 0 seconds is below the minimum 1");
    *bucket = (VtThrottleBucket){100, 1000000000000000, 2};
    judge(&rates, "bps-total-max-length: 2 seconds exceeds the maximum for a bps-total-max of 1000000000000000");
    *bucket = (VtThrottleBucket){1000000000000001, 0, 1};
    judge(&rates, "bps-total: 1000000000000001 is not between 0 and 1000000000000000");
}

VT_TEST(a_size_of_operations_needs_operations, "/throttle/iops-size")
{
    VtThrottleRates rates = no_limits();

    rates.iops_size = 512;
    judge(&rates, "iops-size: requires a limit of iops");
    rates.buckets[VT_THROTTLE_IOPS_READ].average = 1;
    judge(&rates, NULL);
}

/* Counts requests that are admitted in @seconds of simulated time, with more always waiting. */
static double
pass(const VtThrottleRates *rates, bool write, int64_t size, int64_t seconds)
{
    VtThrottleLevels levels = {.leaked_ns = 0};
    int64_t now_ns = 0, n = 0;

    while (now_ns < seconds * 1000000000) {
        int64_t wait_ns;

        vt_throttle_leak(&levels, rates, now_ns);
        wait_ns = vt_throttle_wait_ns(&levels, rates, write);
        if (wait_ns) {
            now_ns += wait_ns;
        } else {
            vt_throttle_fill(&levels, rates, write, size);
            n++;
        }
    }
    return (double)n;
}

static void
assert_near(double got, double expected)
{
    g_assert_cmpfloat(got, >=, expected * 0.999);
    g_assert_cmpfloat(got, <=, expected * 1.001);
}

VT_TEST(a_rate_holds_for_any_size, "/throttle/rate")
{
    static const int64_t sizes[] = {512, 4096, 100000, 3000000};
    VtThrottleRates rates = no_limits();

    rates.buckets[VT_THROTTLE_BPS_TOTAL].average = 5000000;
    for (size_t i = 0; i < G_N_ELEMENTS(sizes); i++) {
        int64_t seconds = MAX(200, sizes[i] / 1000); /* thousands of requests */

        assert_near(pass(&rates, i % 2, sizes[i], seconds) * (double)sizes[i], 5e6 * (double)seconds);
    }
    rates.buckets[VT_THROTTLE_IOPS_READ].average = 7;
    assert_near(pass(&rates, false, 512, 10000), 70000);
    rates.iops_size = 512;
    assert_near(pass(&rates, false, 5120, 10000), 7000);
    assert_near(pass(&rates, true, 5120, 300) * 5120, 5e6 * 300);
}

VT_TEST(a_burst_lasts_its_time, "/throttle/burst-length")
{
    VtThrottleRates rates = no_limits();

    rates.buckets[VT_THROTTLE_IOPS_TOTAL] = (VtThrottleBucket){100, 1000, 9};
    /* The bucket holds 9000 and leaks 100 per second: it is full after ten seconds. */
    g_assert_cmpfloat(pass(&rates, false, 1, 1), <=, 1101);
    g_assert_cmpfloat(pass(&rates, false, 1, 10), >=, 9900);
    g_assert_cmpfloat(pass(&rates, false, 1, 100), <=, 9001 + 10000);
    g_assert_cmpfloat(pass(&rates, false, 1, 100), >=, 9000 + 9900);
}
