/* SPDX-License-Identifier: MIT */
/*
 * Peers: the other objects of a VM, in messages about rules that hold among all of a kind.
 */
#pragma once

#include "vt-runtime/object.h"

/* "device 'v'", or "a virtio-blk-pci" for an anonymous one (of an embedded object: its embedder); owned by the caller.
 */
char *vt_peer_name(VtObject *object);
