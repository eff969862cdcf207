/* SPDX-License-Identifier: MIT */
/*
 * Topology levels of the CPU caches.
 */
#pragma once

#include "vt-gen/machine.h"
#include "vt-runtime/object.h"

/* Checks smp-cache of a machine: each cache once, supported by the machine, and not above a level that is farther from
 * the CPU. @name is that of the machine, for messages. On failure returns false and sets @error. */
bool vt_smp_cache_check(VtObject *machine, const char *name, GError **error);
