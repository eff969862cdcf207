/* SPDX-License-Identifier: MIT */
/*
 * CPUs of IBM Z.
 */
#include "cpu/topology.h"

#include "vt-gen/hw.h"

static bool
validate(VtObject *cpu, GError **error)
{
    return vt_cpu_take_core(cpu, false, error);
}

const VtOps vt_ops_s390x_cpu = {.validate = validate};
