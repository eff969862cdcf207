/* SPDX-License-Identifier: MIT */
/*
 * The filter of system calls, by groups: bits by VtSyscallGroup.
 */
#pragma once

#include <stdbool.h>

#include <glib.h>

#include "vt-gen/runtime.h"

#define SERVICE_SANDBOX_ALL ((1u << VT_SYSCALL_GROUP__MAX) - 1)

/* For all threads there are and will be, for good; several filters add up.  Not before the process is where it is to
 * stay
 * (-daemonize).  @groups are left, whatever @options say of them.  @lists_denied: all other calls are left too, but
 * those that @options deny; else what every process makes is left, and nothing besides. */
bool service_sandbox_load(const VtSandboxOptions *options, bool lists_denied, uint32_t groups, GError **error);
