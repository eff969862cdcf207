/* SPDX-License-Identifier: MIT */
#include "service-profile.h"

#include "service-sandbox.h"

uint32_t
service_profile_denied(const VtSandboxOptions *options)
{
    return (options->spawn == VT_SANDBOX_POLICY_DENY ? 1u << VT_SYSCALL_GROUP_SPAWN : 0) |
           (options->elevateprivileges != VT_SANDBOX_PRIVILEGES_ALLOW ? 1u << VT_SYSCALL_GROUP_PRIVILEGES : 0) |
           (options->resourcecontrol == VT_SANDBOX_POLICY_DENY ? 1u << VT_SYSCALL_GROUP_RESOURCE_CONTROL : 0);
}

static uint32_t
profile_groups(VtSandboxProfile profile, const VtVm *vm)
{
    switch (profile) {
    case VT_SANDBOX_PROFILE_PROGRAM:
        return vt_schema_calls(vt_context_schema(vt_vm_context(vm)));
    case VT_SANDBOX_PROFILE_CONFIGURED:
        return vt_vm_calls(vm);
    default:
        return SERVICE_SANDBOX_ALL;
    }
}

void
service_profile_init(ServiceProfile *self, const VtSandboxOptions *options, VtSandboxProfile automatic, VtVm *vm,
                     uint32_t start)
{
    VtSandboxProfile profile = options->profile == VT_SANDBOX_PROFILE_AUTO ? automatic : options->profile;
    uint32_t groups = profile_groups(profile, vm);

    for (size_t i = 0; i < options->grant.n; i++) {
        groups |= 1u << options->grant.v[i];
    }
    groups &= ~service_profile_denied(options);
    *self = (ServiceProfile){
        .options = options,
        .lists_denied = profile == VT_SANDBOX_PROFILE_DENY_LIST,
        .groups = groups,
        .start_only = start & ~groups,
    };
    if (options->enable) {
        vt_vm_deny_calls(vm, SERVICE_SANDBOX_ALL & ~groups);
    }
}

bool
service_profile_load(const ServiceProfile *self, GError **error)
{
    return !self->options->enable ||
           service_sandbox_load(self->options, self->lists_denied, self->groups | self->start_only, error);
}

bool
service_profile_tighten(const ServiceProfile *self, GError **error)
{
    return !self->options->enable || !self->start_only ||
           service_sandbox_load(self->options, self->lists_denied, self->groups, error);
}
