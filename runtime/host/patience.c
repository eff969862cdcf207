/* SPDX-License-Identifier: MIT */
#include "vt-runtime/patience.h"

#include <errno.h>
#include <poll.h>

#define STARTING_MS 10000
#define RUNNING_MS  100

static bool running;

void
vt_patience_run(void)
{
    running = true;
}

bool
vt_patience_is_running(void)
{
    return running;
}

gint64
vt_patience_deadline(void)
{
    return g_get_monotonic_time() + (running ? RUNNING_MS : STARTING_MS) * G_TIME_SPAN_MILLISECOND;
}

bool
vt_patience_poll(int fd, short events, gint64 deadline)
{
    struct pollfd one = {.fd = fd, .events = events};
    gint64 left_us = MAX(deadline - g_get_monotonic_time(), 0);
    int n = poll(&one, 1, (int)((left_us + 999) / G_TIME_SPAN_MILLISECOND));

    if (n == 0) {
        errno = ETIMEDOUT;
    }
    return n > 0;
}
