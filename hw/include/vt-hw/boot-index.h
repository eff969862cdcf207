/* SPDX-License-Identifier: MIT */
/*
 * Boot order of devices.
 */
#pragma once

#include "vt-runtime/object.h"

/* Registers the device's index, if it has one.  Call it in refer. */
void vt_boot_index_enter(VtObject *device);
/* Fails if another device has @index.  A negative index means none, and is always valid. */
bool vt_boot_index_check(VtObject *device, int32_t index, GError **error);
