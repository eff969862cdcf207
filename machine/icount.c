/* SPDX-License-Identifier: MIT */
/*
 * The virtual instruction counter.
 */
#include <string.h>

#include "vt-gen/machine.h"
#include "vt-runtime/error.h"
#include "vt-runtime/object.h"
#include "vt-runtime/vm.h"

/* TCG with a thread for each vCPU has no common order of instructions to count. */
static bool
has_threads(VtObject *accel, void *opaque)
{
    bool *found = opaque;

    *found = vt_object_is_a(accel, "tcg-accel") && vt_object_has(accel, "thread") &&
             ((const VtTcgAccel *)vt_object_config(accel))->thread == VT_TCG_THREAD_MULTI;
    return !*found;
}

static bool
validate_icount(VtObject *object, GError **error)
{
    const VtIcount *config = vt_object_config(object);
    const char *accel = vt_context_accel(vt_vm_context(vt_object_vm(object)));
    bool threads = false;

    if (accel && strcmp(accel, "tcg") != 0) {
        return vt_error_set(error, "requires the accelerator 'tcg', and it is '%s'", accel);
    }
    vt_vm_each(vt_object_vm(object), "accel", has_threads, &threads);
    if (threads) {
        return vt_error_set(error, "requires one thread for all vCPUs, and the accelerator has thread=multi");
    }
    if (config->align && !config->sleep) {
        return vt_error_set(error, "align=on and sleep=off are mutually exclusive");
    }
    if (config->align && !vt_object_has(object, "shift")) {
        return vt_error_set(error, "align=on requires a shift");
    }
    return !vt_object_has(object, "rr") || config->rrfile || vt_error_set(error, "rr: requires 'rrfile'");
}

const VtOps vt_ops_icount = {.validate = validate_icount};
