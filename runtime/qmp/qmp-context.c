/* SPDX-License-Identifier: MIT */
#include "qmp-context.h"

#include "vt-runtime/error.h"

VtContext *
vt_monitor_context(VtMonitor *monitor, const VtOverrides *overrides, GError **error)
{
    const VtService *service = vt_monitor_service(monitor);
    const VtContext *ctx = vt_vm_context(service->vm);
    const VtSchema *schema = vt_context_schema(ctx);
    const VtMachineName *machine = vt_context_machine(ctx);
    VtOverrides full = *overrides;

    if (full.machine && !machine) {
        vt_error_set(error, "machine: this program has no machines");
        return NULL;
    }
    if (!full.machine && machine) {
        full.machine = machine->name;
    }
    if (!full.platform_version) {
        full.platform_version =
            vt_schema_version_name(schema, VT_AXIS_PLATFORM, vt_platform_version(vt_context_platform(ctx)));
    }
    if (!full.target) {
        full.target = machine ? vt_target_name(vt_context_target(ctx)) : NULL;
    }
    return service->context(service, &full, error);
}
