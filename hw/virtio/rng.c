/* SPDX-License-Identifier: MIT */
/*
 * virtio-rng: entropy for the guest, limited to a number of bytes per period.
 */
#include "vt-gen/hw.h"
#include "vt-runtime/object.h"

/* One vector for the queue, and one for configuration changes. */
uint32_t
vt_derive_virtio_rng_vectors(void)
{
    return 2;
}

/* The ranges of the members need no further checks. */
const VtOps vt_ops_virtio_rng_device = {.state_size = 0};
