/* SPDX-License-Identifier: MIT */
/*
 * Patience: how long the main thread waits for the host.
 *
 * While a program starts, it waits up to ten seconds for a connection, a name or a pipe, and a signal ends the wait.
 * Once its main loop runs, others are served: it waits for a moment, and what takes longer goes on in the background or
 * is an error.
 */
#pragma once

#include <stdbool.h>

#include <glib.h>

/* From here on the main loop runs. */
void vt_patience_run(void);
bool vt_patience_is_running(void);
/* When a wait that begins now is over, of g_get_monotonic_time(). */
gint64 vt_patience_deadline(void);
/* Waits until @fd (-1: nothing) has one of @events.  False: errno is ETIMEDOUT after @deadline, EINTR after a signal.
 */
bool vt_patience_poll(int fd, short events, gint64 deadline);
