/* SPDX-License-Identifier: MIT */
/*
 * Holds: who keeps the start of a VM waiting, in the order they came.
 */
#include "object-private.h"
#include "vt-runtime/error.h"

struct VtHold {
    const VtObject *object;
    char *what;
};

static void
hold_free(void *opaque)
{
    VtHold *hold = opaque;

    g_free(hold->what);
    g_free(hold);
}

bool
vt_vm_hold(VtObject *object, const char *what, GError **error)
{
    VtVm *vm = vt_object_vm(object);
    VtHold *hold;

    vt_assert_main();
    if (vm->started) {
        return vt_error_set(error, "%s: nothing waits for it once the program runs", what);
    }
    if (!vm->holds) {
        vm->holds = g_ptr_array_new_with_free_func(hold_free);
    }
    hold = g_new(VtHold, 1);
    *hold = (VtHold){object, g_strdup(what)};
    g_ptr_array_add(vm->holds, hold);
    return true;
}

void
vt_vm_unhold(VtObject *object)
{
    VtVm *vm = vt_object_vm(object);

    vt_assert_main();
    for (guint i = vm->holds ? vm->holds->len : 0; i-- > 0;) {
        if (((VtHold *)g_ptr_array_index(vm->holds, i))->object == object) {
            g_ptr_array_remove_index(vm->holds, i);
        }
    }
    if (vm->holds && !vm->holds->len) {
        g_clear_pointer(&vm->holds, g_ptr_array_unref);
    }
}

const char *
vt_vm_held_by(const VtVm *vm)
{
    return vm->holds ? ((const VtHold *)g_ptr_array_index(vm->holds, 0))->what : NULL;
}

void
vt_vm_started(VtVm *vm)
{
    vm->started = true;
}
