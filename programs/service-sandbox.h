/* SPDX-License-Identifier: MIT */
/*
 * What a process gives up before it serves.
 */
#pragma once

#include <stdbool.h>

#include <glib.h>

#include "vt-gen/runtime.h"

/* For all threads there are and will be, for good.  Not before the process is where it is to stay (-daemonize). */
bool service_sandbox(const VtSandboxOptions *options, GError **error);
