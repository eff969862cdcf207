/* SPDX-License-Identifier: MIT */
/*
 * QMP commands about the host of the guest: what encrypts guests, TPMs, memory.
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

/* ---- memory ------------------------------------------------------------------------------------------------ */

/* Without an engine, no memory device starts. */
bool
vt_qmp_query_memory_size_summary(VtMonitor *monitor, VtMemoryInfo *ret, GError **error)
{
    const VtObject *machine = vt_vm_machine(vt_monitor_service(monitor)->vm);
    const VtMachineConfig *config = machine ? vt_object_config(machine) : NULL;
    json_object *info = json_object_new_object();

    (void)ret;
    (void)error;
    json_object_object_add(info, "base-memory", json_object_new_uint64(config ? config->memory.size : 0));
    json_object_object_add(info, "plugged-memory", json_object_new_uint64(0));
    vt_monitor_answer(monitor, info);
    return true;
}
