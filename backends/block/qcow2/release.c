/* SPDX-License-Identifier: MIT */
/*
 * How clusters are freed.
 */
#include "qcow2.h"

/* Decrements refcounts.  A refcount of 0 is an error of the image, which becomes no worse. */
static int
decrement(VtQcow2 *self, VtBlockRequest *task, uint64_t offset, uint64_t size, VtQcow2Reason reason)
{
    const bool passes[] = {
        [VT_QCOW2_REQUEST] = self->discards,
        [VT_QCOW2_SNAPSHOT] = self->config->pass_discard_snapshot && self->node->discards,
        [VT_QCOW2_OTHER] = self->config->pass_discard_other && self->node->discards,
    };
    uint64_t first = offset >> self->header.cluster_bits, end = (offset + size) >> self->header.cluster_bits;
    uint64_t from = first;
    int failure = 0;

    for (uint64_t cluster = first; cluster <= end && !failure; cluster++) {
        uint64_t refcount = 2;

        if (cluster < end) {
            failure = vt_qcow2_refcount(self, task, cluster, &refcount);
            if (!failure && refcount) {
                failure = vt_qcow2_refcount_put(self, task, cluster, refcount - 1);
            }
        }
        if (refcount != 1 || failure) {
            if (from < cluster && passes[reason]) {
                vt_block_task_command(task, self->file, VT_BLOCK_DISCARD, (int64_t)(from << self->header.cluster_bits),
                                      (int64_t)((cluster - from) << self->header.cluster_bits), 0);
            }
            from = cluster + 1;
        }
    }
    return failure;
}

void
vt_qcow2_unallocate(VtQcow2 *self, VtBlockRequest *task, uint64_t offset, uint64_t size)
{
    if (!self->failure) {
        decrement(self, task, offset, size, VT_QCOW2_OTHER);
    }
}

void
vt_qcow2_free_later(VtQcow2 *self, uint64_t offset, uint64_t size, VtQcow2Reason reason)
{
    VtQcow2Free *last = self->fresh->len ? &g_array_index(self->fresh, VtQcow2Free, self->fresh->len - 1) : NULL;

    atomic_store(&self->changed, true);
    if (last && last->offset + last->size == offset && last->reason == reason) {
        last->size += size;
        return;
    }
    g_array_append_vals(self->fresh, &(VtQcow2Free){.offset = offset, .size = size, .reason = reason}, 1);
}

int
vt_qcow2_free_now(VtQcow2 *self, VtBlockRequest *task)
{
    g_autoptr(GArray) list = self->durable;
    uint64_t epoch;
    int failure = 0;

    pthread_mutex_lock(&self->lock);
    vt_qcow2_epoch_advance(self);
    vt_qcow2_epoch_advance(self);
    epoch = self->epoch;
    pthread_mutex_unlock(&self->lock);
    /* Loading a refcount block may store tables, which adds to the list. */
    self->durable = g_array_new(FALSE, FALSE, sizeof(VtQcow2Free));
    for (guint i = 0; i < list->len; i++) {
        const VtQcow2Free *free = &g_array_index(list, VtQcow2Free, i);

        if (free->epoch + 2 > epoch || failure) {
            g_array_append_vals(self->durable, free, 1);
        } else {
            failure = decrement(self, task, free->offset, free->size, free->reason);
        }
    }
    return failure;
}
