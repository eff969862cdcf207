/* SPDX-License-Identifier: MIT */
/*
 * Daemon and PID file.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/* Forks a process in a new session, and returns true in it.  Returns false in the first process, when the startup of
 * the new one has ended; *ret_status is the exit status. */
bool service_detach(int *ret_status);
/* Call in the new process after a successful startup: detaches it from the terminal. */
void service_detached(void);

typedef struct ServicePidfile ServicePidfile;

/* Creates and locks the PID file.  @mode: permissions of a new file; 0: the default.  Fails if another process has
 * locked the file. */
ServicePidfile *service_pidfile_new(const char *path, uint16_t mode, GError **error);
void service_pidfile_free(ServicePidfile *pidfile); /* also removes the file */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ServicePidfile, service_pidfile_free)
