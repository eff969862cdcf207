/* SPDX-License-Identifier: MIT */
/*
 * The topology of the machine, and the places that plugged-in processors take in it.
 */
#pragma once

#include <json-c/json_types.h>

#include "vt-runtime/object.h"

/* Member 'smp' of the machine; NULL: there is none.  A new reference. */
json_object *vt_cpu_topology(const VtObject *cpu);
/* The number @name of the topology, at least 1. */
int64_t vt_cpu_count(json_object *topology, const char *name);

/* For a processor, or a core of @cores, that a user has plugged in: takes the place that 'core-id' names.  Fails if the
 * machine has no such place, or a processor there. */
bool vt_cpu_take_core(VtObject *device, bool cores, GError **error);
