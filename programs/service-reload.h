/* SPDX-License-Identifier: MIT */
/*
 * The configuration files of the command line, read again while the program runs: what differs is added, changed or
 * removed.  Objects that the command line or a client created stay.
 */
#pragma once

#include "vt-runtime/monitor.h"
#include "vt-runtime/options.h"

/* Reads the files that @line names, and records what they create.  Sets VtService.reload.  Call it before the process
 * changes its root directory.  @service is borrowed. */
void service_reload_set(VtService *service, const VtCommandLine *line, VtNoticeFunc print, void *opaque);
/* Whether the command line names files. */
bool service_reload_has_files(const VtService *service);
void service_reload_free(VtService *service);
/* For SIGHUP: prints what has changed, or the error. */
void service_reload_signal(VtService *service);
