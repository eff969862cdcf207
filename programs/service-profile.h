/* SPDX-License-Identifier: MIT */
/*
 * The system calls that a program may use: by -sandbox, and by what the schema states for its objects.
 */
#pragma once

#include "vt-gen/runtime.h"
#include "vt-runtime/vm.h"

typedef struct ServiceProfile {
    const VtSandboxOptions *options;
    bool lists_denied;   /* all calls are allowed but the denied ones */
    uint32_t groups;     /* allowed permanently */
    uint32_t start_only; /* allowed during startup only */
} ServiceProfile;

/* @automatic: the meaning of profile=auto.  @start: groups that the startup needs.  Changes no state of the process. */
void service_profile_init(ServiceProfile *self, const VtSandboxOptions *options, VtSandboxProfile automatic, VtVm *vm,
                          uint32_t start);
/* Call before any resource is opened. */
bool service_profile_load(const ServiceProfile *self, GError **error);
/* Call when all resources are open: removes the calls for the startup. */
bool service_profile_tighten(const ServiceProfile *self, GError **error);
/* Returns the groups that the members of -sandbox deny. */
uint32_t service_profile_denied(const VtSandboxOptions *options);
