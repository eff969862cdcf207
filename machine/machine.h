/* SPDX-License-Identifier: MIT */
/*
 * What all machines are held to: CPU topology and sizes of memory.
 */
#pragma once

#include "vt-runtime/object.h"

typedef struct VtMachineRules {
    bool has_dies, has_modules; /* other levels beside sockets, cores and threads are of no machine here */
    bool has_memory_slots;      /* memory can be plugged */
} VtMachineRules;

/* Judges settled config of a machine. */
bool vt_machine_check(VtObject *machine, const VtMachineRules *rules, GError **error);
