/* SPDX-License-Identifier: MIT */
/*
 * Devices of the system bus: users can add those that the machine lists.
 */
#include <string.h>

#include "vt-gen/hw.h"
#include "vt-runtime/error.h"
#include "vt-runtime/object.h"
#include "vt-runtime/vm.h"

#define ALLOWED "dynamic-sysbus-devices"

static bool
validate(VtObject *object, GError **error)
{
    const VtObject *machine = vt_vm_machine(vt_object_vm(object));
    const VtProp *prop = machine ? vt_class_prop(vt_object_class(machine), ALLOWED, strlen(ALLOWED)) : NULL;
    const VtList *list = prop ? vt_config_field(vt_object_full_config(machine), prop) : NULL;

    /* Machines create the others. */
    if (!list || !(vt_object_class(object)->row->flags & VT_CLASS_USER_CREATABLE)) {
        return true;
    }
    for (size_t i = 0; i < list->n; i++) {
        if (vt_object_is_a(object, ((char *const *)list->v)[i])) {
            return true;
        }
    }
    return vt_error_set(error, "driver: '%s' cannot be added to machine '%s'", vt_object_class(object)->tag,
                        vt_context_machine(vt_vm_context(vt_object_vm(object)))->name);
}

const VtOps vt_ops_sys_bus_device = {.validate = validate};
