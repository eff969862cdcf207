/* SPDX-License-Identifier: MIT */
/*
 * virtio-balloon: returns guest memory to the host.  A VM has at most one balloon.
 */
#include "vt-gen/hw.h"
#include "vt-hw/peers.h"
#include "vt-runtime/error.h"

#define VECTORS 2

static bool
refer(VtObject *object, GError **error)
{
    (void)error;
    vt_index_enter(object, "balloon", 0);
    return true;
}

static bool
validate(VtObject *object, GError **error)
{
    VtObject *other = vt_index_find(object, "balloon", 0);

    if (other) {
        g_autofree char *name = vt_peer_name(other);

        return vt_error_set(error, "the VM already has a balloon: %s", name);
    }
    return true;
}

/* One vector for configuration changes, and one that all queues share. */
uint32_t
vt_derive_virtio_balloon_vectors(void)
{
    return VECTORS;
}

const VtOps vt_ops_virtio_balloon_device = {.refer = refer, .validate = validate};
