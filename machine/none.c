/* SPDX-License-Identifier: MIT */
/*
 * none: a machine of nothing, for asking what devices there are.
 */
#include "machine.h"

#include "vt-gen/machine.h"

static bool
validate(VtObject *object, GError **error)
{
    const VtMachineRules rules = {.has_dies = false};

    return vt_machine_check(object, &rules, error);
}

const VtOps vt_ops_none = {.validate = validate};
