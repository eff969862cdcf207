/* SPDX-License-Identifier: MIT */
/*
 * virtio-rng: entropy for the guest, at most so many bytes in a period.
 */
#include "vt-gen/hw.h"
#include "vt-runtime/object.h"

/* One for the queue and one for changes of the configuration. */
uint32_t
vt_derive_virtio_rng_vectors(void)
{
    return 2;
}

/* The ranges of its members say all there is to check. */
const VtOps vt_ops_virtio_rng_device = {.state_size = 0};
