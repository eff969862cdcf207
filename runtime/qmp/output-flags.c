/* SPDX-License-Identifier: MIT */
/*
 * What the user hides from clients.
 */
#include "vt-runtime/monitor.h"

#include "vt-runtime/output.h"

unsigned
vt_service_output_flags(const VtService *service)
{
    const VtCompatPolicy *policy = service->life ? service->life->policy : NULL;

    return (policy && policy->deprecated_output == VT_COMPAT_POLICY_OUTPUT_HIDE ? VT_OUTPUT_NO_DEPRECATED : 0) |
           (policy && policy->unstable_output == VT_COMPAT_POLICY_OUTPUT_HIDE ? VT_OUTPUT_NO_UNSTABLE : 0);
}
