/* SPDX-License-Identifier: MIT */
/*
 * microvm: a small x86 machine without legacy devices and without memory hotplug.
 */
#include "machine.h"

#include "vt-gen/machine.h"

static bool
validate(VtObject *object, GError **error)
{
    const VtMachineRules rules = {.has_memory_slots = false};

    return vt_machine_check(object, &rules, error);
}

const VtOps vt_ops_microvm = {.validate = validate};
