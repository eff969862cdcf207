/* SPDX-License-Identifier: MIT */
/*
 * virtio-balloon: returns guest memory to the host.
 */
#include "vt-gen/hw.h"

#define VECTORS 2

/* One vector for configuration changes, and one that all queues share. */
uint32_t
vt_derive_virtio_balloon_vectors(void)
{
    return VECTORS;
}
