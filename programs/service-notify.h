/* SPDX-License-Identifier: MIT */
/*
 * Messages to a service manager, by the protocol of sd_notify(3).  Without one, the functions have no effect.
 */
#pragma once

#include <glib.h>

/* Connects to the socket that NOTIFY_SOCKET names, and removes the variable from the environment.  Call it before the
 * process changes its root directory. */
void service_notify_open(void);
void service_notify_close(void);

/* The service runs, or runs again. */
void service_notify_ready(void);
/* It reads its configuration again, until service_notify_ready(). */
void service_notify_reloading(void);
/* It ends. */
void service_notify_stopping(void);
