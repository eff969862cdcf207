/* SPDX-License-Identifier: MIT */
/*
 * The process among others: in the background, and known by a file.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>

/* Goes on in a new process of a session of its own, which returns true here.  In the old one it returns false, once the
 * new one has said how its start went: *ret_status is the exit status then. */
bool service_detach(int *ret_status);
/* In the new process: the start went well, the terminal is let go. */
void service_detached(void);

typedef struct ServicePidfile ServicePidfile;

/* Locked as long as it is held; an error where another process holds it. */
ServicePidfile *service_pidfile_new(const char *path, GError **error);
void service_pidfile_free(ServicePidfile *pidfile); /* and removes it */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ServicePidfile, service_pidfile_free)
