/* SPDX-License-Identifier: MIT */
/*
 * Epochs: when a cluster that was freed can be used again.
 *
 * A request in flight may still use a cluster that its mapping found, although the cluster was freed meanwhile.  Each
 * request belongs to the epoch in which it was mapped.  A new epoch begins when the requests of the one before the
 * current have ended.  So a cluster that was freed in epoch n has no user in epoch n + 2.
 */
#include "qcow2.h"

void
vt_qcow2_epoch_advance(VtQcow2 *self)
{
    if (!self->active[(self->epoch + 1) & 1]) {
        self->epoch++;
    }
}

uint32_t
vt_qcow2_enter(VtQcow2 *self)
{
    uint32_t parity = self->epoch & 1;

    self->active[parity]++;
    return parity + 1;
}

void
vt_qcow2_leave(VtQcow2 *self, uint32_t mark)
{
    self->active[mark - 1]--;
}
