/* SPDX-License-Identifier: MIT */
/*
 * Lists of system calls, as numbers of libseccomp.
 */
#pragma once

#include <glib.h>

typedef struct ServiceCalls {
    const int *calls;
    size_t n;
} ServiceCalls;

/* Calls of every process. */
extern const ServiceCalls service_calls_base;
/* Index: VtSyscallGroup. */
extern const ServiceCalls service_calls_groups[];
/* Calls that the members of -sandbox deny; service_calls_always is denied in any case. */
extern const ServiceCalls service_calls_always, service_calls_obsolete, service_calls_privileges,
    service_calls_spawning, service_calls_resources;
