/* SPDX-License-Identifier: MIT */
/*
 * x86 processors.  What they have is configuration; none of them runs here.
 */
#include "vt-gen/hw.h"
#include "vt-runtime/error.h"
#include "vt-runtime/vm.h"

static bool
validate_host(VtObject *object, GError **error)
{
    const char *accel = vt_context_accel(vt_vm_context(vt_object_vm(object)));

    return g_strcmp0(accel, "kvm") == 0 ||
           vt_error_set(error, "model 'host' is the host's own processor, which only '-accel kvm' lends");
}

const VtOps vt_ops_x86_64_cpu;
const VtOps vt_ops_host_x86_64_cpu = {.validate = validate_host};
