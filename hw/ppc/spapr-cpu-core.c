/* SPDX-License-Identifier: MIT */
/*
 * Cores of the pseries machine.
 */
#include "cpu/topology.h"

#include "vt-gen/hw.h"

static bool
validate(VtObject *core, GError **error)
{
    return vt_cpu_take_core(core, true, error);
}

const VtOps vt_ops_spapr_cpu_core = {.validate = validate};
