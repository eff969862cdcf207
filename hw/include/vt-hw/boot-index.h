/* SPDX-License-Identifier: MIT */
/*
 * Boot order among devices.
 */
#pragma once

#include "vt-runtime/object.h"

/* Makes the device's index known to others, where it has one.  In refer. */
void vt_boot_index_enter(VtObject *device);
/* Fails when another device has @index; a negative one is none and always free. */
bool vt_boot_index_check(VtObject *device, int32_t index, GError **error);
