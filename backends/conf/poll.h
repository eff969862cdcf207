/* SPDX-License-Identifier: MIT */
/*
 * Waits for events, with busy polling first where it pays.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <glib.h>

/* The main thread sets the limits, and the waiting thread reads them. */
typedef struct VtPollLimits {
    _Atomic int64_t max_ns, grow, shrink;
} VtPollLimits;

/* Returns the polling time of the next wait, after a wait of @waited_ns that polled for @now_ns. */
int64_t vt_poll_adapt(int64_t now_ns, int64_t waited_ns, int64_t max_ns, int64_t grow, int64_t shrink);

/* The main contexts that this thread iterates from now on poll within @limits.  NULL: no busy polling. */
void vt_poll_set_limits(const VtPollLimits *limits);
/* A GPollFunc. */
gint vt_poll(GPollFD *fds, guint n, gint timeout_ms);
