/* SPDX-License-Identifier: MIT */
/*
 * none: an empty machine, for queries about devices.
 */
#include "machine.h"

#include "vt-gen/machine.h"

static bool
validate(VtObject *object, GError **error)
{
    const VtMachineRules rules = {.has_memory_slots = false};

    return vt_machine_check(object, &rules, error);
}

const VtOps vt_ops_none = {.validate = validate};
