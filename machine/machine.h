/* SPDX-License-Identifier: MIT */
/*
 * Checks that all machines share: CPU topology and memory sizes.
 */
#pragma once

#include "vt-runtime/object.h"

typedef struct VtMachineRules {
    bool has_memory_slots; /* memory hotplug is possible */
} VtMachineRules;

/* Checks the CPU topology of a machine. */
bool vt_machine_check_smp(VtObject *machine, GError **error);
/* Checks the settled config of a machine that is modelled. */
bool vt_machine_check(VtObject *machine, const VtMachineRules *rules, GError **error);
