/* SPDX-License-Identifier: MIT */
#include "poll.h"

#include <time.h>

#define FIRST_NS     4000 /* first polling time when it grows from zero */
#define USUAL_GROWTH 2
#define NS           INT64_C(1000000000)
#define NS_OF_MS     INT64_C(1000000)

static _Thread_local const VtPollLimits *limits;
static _Thread_local int64_t poll_ns;

void
vt_poll_set_limits(const VtPollLimits *new_limits)
{
    limits = new_limits;
    poll_ns = 0;
}

int64_t
vt_poll_adapt(int64_t now_ns, int64_t waited_ns, int64_t max_ns, int64_t grow, int64_t shrink)
{
    int64_t next_ns = now_ns;

    if (waited_ns > max_ns) {
        /* Polling up to the maximum would not have caught the event. */
        next_ns = shrink ? now_ns / shrink : 0;
    } else if (waited_ns > now_ns) {
        /* The event came soon after polling ended. */
        if (!now_ns) {
            next_ns = FIRST_NS;
        } else if (__builtin_mul_overflow(now_ns, grow ? grow : USUAL_GROWTH, &next_ns)) {
            next_ns = max_ns;
        }
    }
    return MIN(next_ns, max_ns);
}

static int64_t
clock_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * NS + now.tv_nsec;
}

gint
vt_poll(GPollFD *fds, guint n, gint timeout_ms)
{
    int64_t max_ns = limits ? limits->max_ns : 0, start, end, now;
    gint ready;

    if (!max_ns || !timeout_ms) {
        return g_poll(fds, n, timeout_ms);
    }
    start = now = clock_ns();
    end = start + MIN(poll_ns, max_ns);
    if (timeout_ms > 0) {
        end = MIN(end, start + timeout_ms * NS_OF_MS);
    }
    ready = 0;
    while (!ready && now < end) {
        ready = g_poll(fds, n, 0);
        now = clock_ns();
    }
    if (!ready) {
        gint left_ms = timeout_ms < 0 ? -1 : (gint)MAX(timeout_ms - (now - start) / NS_OF_MS, 0);

        ready = g_poll(fds, n, left_ms);
        now = clock_ns();
    }
    poll_ns = vt_poll_adapt(poll_ns, now - start, max_ns, limits->grow, limits->shrink);
    return ready;
}
