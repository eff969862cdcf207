/* SPDX-License-Identifier: MIT */
/*
 * Peers: the other objects of a VM, for rules that hold among all of a kind.
 */
#pragma once

#include "vt-runtime/object.h"

/* Stops at the first false. */
typedef bool (*VtPeerFunc)(VtObject *peer, void *opaque);

/* Calls @func for each object of class @class_name in the VM of @object, embedded ones included, but not for @object
 * itself.  False when @func stopped it. */
bool vt_peers_each(VtObject *object, const char *class_name, VtPeerFunc func, void *opaque);

/* "device 'v'", or "a virtio-blk-pci" for an anonymous one (of an embedded object: its embedder); owned by the caller.
 */
char *vt_peer_name(VtObject *object);
