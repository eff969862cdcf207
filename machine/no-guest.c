/* SPDX-License-Identifier: MIT */
#include "vt-machine/no-guest.h"

#include "vt-runtime/vm.h"

/* A backend without an implementation still fails: it would serve this process. */
static bool
has(const VtObject *object, void *opaque)
{
    (void)opaque;
    return vt_object_class(object)->row->layer != VT_CLASS_BACKEND && !vt_object_has_model(object);
}

static bool
create(VtObject *object, void *opaque, GError **error)
{
    (void)object, (void)opaque, (void)error;
    return true;
}

static bool
remove_object(VtObject *object, void *opaque, GError **error)
{
    (void)object, (void)opaque, (void)error;
    return true;
}

void
vt_vm_expect_no_guest(VtVm *vm)
{
    static const VtRunnerOps nobody = {.has = has, .create = create, .remove = remove_object};

    if (g_strcmp0(vt_context_accel(vt_vm_context(vm)), "qtest") == 0) {
        vt_vm_set_runner(vm, &nobody, NULL);
    }
}
