/* SPDX-License-Identifier: MIT */
#include "vt-machine/no-guest.h"

#include "places.h"
#include "processors.h"
#include "vt-runtime/vm.h"

/* A backend without an implementation still fails: it would serve this process. */
static bool
has(const VtObject *object, void *opaque)
{
    (void)opaque;
    return vt_object_class(object)->row->layer != VT_CLASS_BACKEND && !vt_object_has_model(object);
}

/* An accelerator has nothing to do. */
static bool
has_accelerator(const VtObject *object, void *opaque)
{
    (void)opaque;
    return !vt_object_has_model(object) && vt_object_is_a(object, "accel");
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
    static const VtRunnerOps idle = {.has = has_accelerator, .create = create, .remove = remove_object};
    VtPlaces places;

    vt_machine_provide_processors(vm);
    if (g_strcmp0(vt_context_accel(vt_vm_context(vm)), "qtest") == 0) {
        vt_vm_set_runner(vm, &nobody, NULL);
    } else if (!vt_places_of(vm, &places)) {
        vt_vm_set_runner(vm, &idle, NULL);
    }
}
