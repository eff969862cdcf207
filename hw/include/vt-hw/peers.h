/* SPDX-License-Identifier: MIT */
/*
 * Names of other objects of the VM, for messages about conflicts.
 */
#pragma once

#include "vt-runtime/object.h"

/* Returns "device 'v'", or "a virtio-blk-pci" for an anonymous device; an embedded object has the name of its parent.
 * Owned by the caller. */
char *vt_peer_name(VtObject *object);
