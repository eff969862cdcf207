/* SPDX-License-Identifier: MIT */
/*
 * Addresses of network devices that nobody gave one.
 */
#pragma once

#include "vt-runtime/object.h"

/* The lowest of 52:54:00:12:34:56 … fe that no other NIC of the VM has; owned by the caller, NULL when none is left. */
char *vt_mac_choose(VtObject *nic);
