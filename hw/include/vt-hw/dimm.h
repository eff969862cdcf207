/* SPDX-License-Identifier: MIT */
/*
 * Memory modules.
 */
#pragma once

#include "vt-runtime/object.h"

/* Checks that the machine has a slot and room for @device, if it is a memory module. */
bool vt_dimm_check(VtObject *device, GError **error);
