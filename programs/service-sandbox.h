/* SPDX-License-Identifier: MIT */
/*
 * The seccomp filter.  Groups are bit masks by VtSyscallGroup.
 */
#pragma once

#include <stdbool.h>

#include <glib.h>

#include "vt-gen/runtime.h"

#define SERVICE_SANDBOX_ALL ((1u << VT_SYSCALL_GROUP__MAX) - 1)

/* Loads a filter for all present and future threads.  It is permanent; several filters add up.  Call it after
 * -daemonize.
 * @groups stay allowed, whatever @options deny.  @lists_denied: all other calls are allowed except those that @options
 * deny.  Otherwise only the calls that every process needs are allowed. */
bool service_sandbox_load(const VtSandboxOptions *options, bool lists_denied, uint32_t groups, GError **error);
