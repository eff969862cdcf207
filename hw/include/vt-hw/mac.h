/* SPDX-License-Identifier: MIT */
/*
 * Addresses of network devices that nobody gave one.
 */
#pragma once

#include "vt-runtime/object.h"

/* Makes the device's address known to others, where it has one.  In refer. */
void vt_mac_enter(VtObject *nic);
/* The lowest of 52:54:00:12:34:56 … 52:54:00:ff:ff:ff that no other device of the VM has; it is the device's from now
 * on.  QEMU begins at the same address, and gives all NICs from the 170th on 52:54:00:12:34:ff.  Owned by the caller,
 * NULL when none is left. */
char *vt_mac_choose(VtObject *nic);
