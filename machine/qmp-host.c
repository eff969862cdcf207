/* SPDX-License-Identifier: MIT */
/*
 * QMP commands about the host of the guest: what encrypts guests, and TPMs.
 */
#include <json-c/json.h>

#include "vt-gen/machine.h"
#include "vt-runtime/error.h"
#include "vt-runtime/monitor.h"

/* Only KVM runs such guests, and this process runs none. */
static bool
fail_without_kvm(const char *what, GError **error)
{
    return vt_error_set(error, "%s requires KVM, and an engine that runs the guest", what);
}

bool
vt_qmp_query_sev_capabilities(VtMonitor *monitor, VtSevCapability *ret, GError **error)
{
    (void)monitor;
    (void)ret;
    return fail_without_kvm("SEV", error);
}

bool
vt_qmp_query_sgx_capabilities(VtMonitor *monitor, VtSgxInfo *ret, GError **error)
{
    (void)monitor;
    (void)ret;
    return fail_without_kvm("SGX", error);
}

bool
vt_qmp_query_sgx(VtMonitor *monitor, VtSgxInfo *ret, GError **error)
{
    (void)monitor;
    (void)ret;
    return fail_without_kvm("SGX", error);
}

bool
vt_qmp_query_sev_launch_measure(VtMonitor *monitor, VtSevLaunchMeasureInfo *ret, GError **error)
{
    (void)monitor;
    (void)ret;
    return fail_without_kvm("SEV", error);
}

/* SEV is off in this process: zero is what no guest has set up. */
bool
vt_qmp_query_sev(VtMonitor *monitor, VtSevInfo *ret, GError **error)
{
    uint16_t target = vt_context_target(vt_vm_context(vt_monitor_service(monitor)->vm));

    (void)ret;
    return (target & (VT_TARGET_X86_64 | VT_TARGET_I386)) ||
           vt_error_set(error, "target %s has no SEV", vt_target_name(target));
}

/* ---- TPM ------------------------------------------------------------------------------------------------- */

/* Whether the target has the class @name. */
static bool
has_class(VtContext *ctx, const char *name)
{
    const VtClassInfo *info = vt_schema_class(vt_context_schema(ctx), name);

    return info && (!info->row->targets || (info->row->targets & vt_context_target(ctx)));
}

bool
vt_qmp_query_tpm_models(VtMonitor *monitor, VtTpmModelList *ret, GError **error)
{
    VtContext *ctx = vt_vm_context(vt_monitor_service(monitor)->vm);
    json_object *list = json_object_new_array();

    (void)ret;
    (void)error;
    for (uint32_t i = 0; i < VT_TPM_MODEL__MAX; i++) {
        const char *name = vt_enum_name(vt_context_schema(ctx), "TpmModel", i);
        g_autofree char *device = g_strconcat(name, "-device", NULL);

        /* The same model can be a device of another bus. */
        if (has_class(ctx, name) || has_class(ctx, device)) {
            json_object_array_add(list, json_object_new_string(name));
        }
    }
    vt_monitor_answer(monitor, list);
    return true;
}

bool
vt_qmp_query_tpm_types(VtMonitor *monitor, VtTpmTypeList *ret, GError **error)
{
    const VtSchema *schema = vt_context_schema(vt_vm_context(vt_monitor_service(monitor)->vm));
    json_object *list = json_object_new_array();

    (void)ret;
    (void)error;
    for (uint32_t i = 0; i < VT_TPM_TYPE__MAX; i++) {
        json_object_array_add(list, json_object_new_string(vt_enum_name(schema, "TpmType", i)));
    }
    vt_monitor_answer(monitor, list);
    return true;
}

/* No backend of a TPM starts in this process. */
bool
vt_qmp_query_tpm(VtMonitor *monitor, VtTPMInfoList *ret, GError **error)
{
    (void)monitor;
    (void)ret;
    (void)error;
    return true;
}
