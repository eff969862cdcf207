/* SPDX-License-Identifier: MIT */
/*
 * Checks that all machines share: CPU topology and memory sizes.
 */
#pragma once

#include "vt-runtime/object.h"

typedef struct VtMachineRules {
    bool has_dies, has_modules; /* no machine supports levels other than these, sockets, cores and threads */
    bool has_memory_slots;      /* memory hotplug is possible */
} VtMachineRules;

/* Checks the settled config of a machine. */
bool vt_machine_check(VtObject *machine, const VtMachineRules *rules, GError **error);
