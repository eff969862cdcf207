/* SPDX-License-Identifier: MIT */
/*
 * Which system calls a program keeps: by -sandbox, and by what the schema says that its objects need.
 */
#pragma once

#include "vt-gen/runtime.h"
#include "vt-runtime/vm.h"

typedef struct ServiceProfile {
    const VtSandboxOptions *options;
    bool lists_denied;   /* all calls but some are left */
    uint32_t groups;     /* those that stay */
    uint32_t start_only; /* those that the start alone needs */
} ServiceProfile;

/* @automatic: what profile=auto means.  @start: groups that the start needs.  Nothing of the process changes. */
void service_profile_init(ServiceProfile *self, const VtSandboxOptions *options, VtSandboxProfile automatic, VtVm *vm,
                          uint32_t start);
/* Before anything is opened. */
bool service_profile_load(const ServiceProfile *self, GError **error);
/* Once everything is open: what the start alone needed goes, too. */
bool service_profile_tighten(const ServiceProfile *self, GError **error);
/* The groups that -sandbox denies by its keys. */
uint32_t service_profile_denied(const VtSandboxOptions *options);
