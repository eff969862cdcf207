/* SPDX-License-Identifier: MIT */
/*
 * Waiting for events: for a while without sleeping, where that pays.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <glib.h>

/* Set by the main thread, read by the one that waits. */
typedef struct VtPollLimits {
    _Atomic int64_t max_ns, grow, shrink;
} VtPollLimits;

/* How long the next wait goes without sleeping, when the last one, with @now_ns of it, took @waited_ns. */
int64_t vt_poll_adapt(int64_t now_ns, int64_t waited_ns, int64_t max_ns, int64_t grow, int64_t shrink);

/* From here on the main contexts that this thread iterates wait by @limits; NULL: like any. */
void vt_poll_set_limits(const VtPollLimits *limits);
/* A GPollFunc. */
gint vt_poll(GPollFD *fds, guint n, gint timeout_ms);
