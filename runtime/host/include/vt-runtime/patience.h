/* SPDX-License-Identifier: MIT */
/*
 * Patience: timeouts of the main thread for the host.
 *
 * At startup, a program waits up to 10 s for a connection, a name or a pipe, and a signal ends the wait. When the main
 * loop runs, it waits up to 100 ms, because it serves other clients. Slower operations continue in the background or
 * fail. Main thread only.
 */
#pragma once

#include <stdbool.h>

#include <glib.h>

/* Call it when the main loop starts. Later deadlines are 100 ms. */
void vt_patience_run(void);
bool vt_patience_is_running(void);
/* Returns the end of a wait that begins now, in microseconds of g_get_monotonic_time(). */
gint64 vt_patience_deadline(void);
/* Waits until @fd has one of @events of poll(2), or until @deadline in microseconds. If @fd is -1, it only waits.
 * Returns false with errno: ETIMEDOUT after @deadline, EINTR after a signal. */
bool vt_patience_poll(int fd, short events, gint64 deadline);
