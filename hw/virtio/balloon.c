/* SPDX-License-Identifier: MIT */
/*
 * virtio-balloon: memory that the guest gives back.  A VM has one balloon, for there is one memory to give.
 */
#include "vt-gen/hw.h"
#include "vt-hw/peers.h"
#include "vt-runtime/error.h"

#define VECTORS 2

static bool
is_none(VtObject *peer, void *opaque)
{
    VtObject **found = opaque;

    *found = peer;
    return false;
}

static bool
validate(VtObject *object, GError **error)
{
    VtObject *other;

    if (!vt_peers_each(object, "virtio-balloon-device", is_none, &other)) {
        g_autofree char *name = vt_peer_name(other);

        return vt_error_set(error, "there is a balloon already, %s, and a VM has one", name);
    }
    return true;
}

/* One for changes of the configuration and one that all queues share. */
uint32_t
vt_derive_virtio_balloon_vectors(void)
{
    return VECTORS;
}

const VtOps vt_ops_virtio_balloon_device = {.validate = validate};
