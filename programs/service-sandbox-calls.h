/* SPDX-License-Identifier: MIT */
/*
 * Lists of system calls, by libseccomp's numbers.
 */
#pragma once

#include <glib.h>

typedef struct ServiceCalls {
    const int *calls;
    size_t n;
} ServiceCalls;

/* What every process makes. */
extern const ServiceCalls service_calls_base;
/* By VtSyscallGroup. */
extern const ServiceCalls service_calls_groups[];
/* What the keys of -sandbox deny; the first in any case. */
extern const ServiceCalls service_calls_always, service_calls_obsolete, service_calls_privileges,
    service_calls_spawning, service_calls_resources;
