/* SPDX-License-Identifier: MIT */
/*
 * Default MAC addresses of network devices.
 */
#pragma once

#include "vt-runtime/object.h"

/* Registers the device's address, if it has one.  Call it in refer. */
void vt_mac_enter(VtObject *nic);
/* Chooses and registers the lowest unused address of the VM from 52:54:00:12:34:56 to 52:54:00:ff:ff:ff.  Owned by the
 * caller; NULL if none is left.  QEMU starts at the same address, but assigns 52:54:00:12:34:ff to all NICs from the
 * 170th on. */
char *vt_mac_choose(VtObject *nic);
