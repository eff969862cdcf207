/* SPDX-License-Identifier: MIT */
/*
 * Refcounts of host clusters, in their blocks.
 */
#include <errno.h>

#include "qcow2.h"

/* ---- entries of a block --------------------------------------------------------------------------------- */

static uint64_t
get(const VtQcow2 *self, const uint8_t *block, uint64_t index)
{
    unsigned bits = self->refcount_bits, shift;
    uint64_t value = 0;

    if (bits < 8) {
        shift = (unsigned)(index * bits % 8);
        return block[index * bits / 8] >> shift & ((1u << bits) - 1);
    }
    for (unsigned i = 0; i < bits / 8; i++) {
        value = value << 8 | block[index * (bits / 8) + i];
    }
    return value;
}

static void
put(const VtQcow2 *self, uint8_t *block, uint64_t index, uint64_t value)
{
    unsigned bits = self->refcount_bits, bytes = bits / 8;

    if (bits < 8) {
        unsigned shift = (unsigned)(index * bits % 8), mask = ((1u << bits) - 1) << shift;
        uint8_t *at = &block[index * bits / 8];

        *at = (uint8_t)((*at & ~mask) | (unsigned)value << shift);
        return;
    }
    for (unsigned i = bytes; i-- > 0; value >>= 8) {
        block[index * bytes + i] = (uint8_t)value;
    }
}

/* ---- blocks --------------------------------------------------------------------------------------------- */

int
vt_qcow2_refcount_room(VtQcow2 *self, VtBlockRequest *task)
{
    int failure = 0;

    if (!vt_qcow2_cache_make_room(&self->blocks)) {
        failure = vt_qcow2_store(self, task, false);
        /* With lazy refcounts, the blocks stay dirty: the cache exceeds its limit until the image is closed. */
        vt_qcow2_cache_make_room(&self->blocks);
    }
    return failure;
}

/* Loads the block with the refcount of @cluster.  *ret NULL: there is none, so the cluster is free. */
static int
load(VtQcow2 *self, VtBlockRequest *task, uint64_t cluster, VtQcow2Table **ret)
{
    uint64_t index = cluster / self->block_entries, offset;
    g_autofree uint8_t *data = NULL;
    int failure;

    *ret = NULL;
    offset = index < self->refcounts.n ? self->refcounts.entries[index] & VT_QCOW2_OFFSET : 0;
    if (!offset) {
        return 0;
    }
    if (offset & (uint64_t)(self->cluster_size - 1)) {
        return -EIO;
    }
    *ret = vt_qcow2_cache_find(&self->blocks, offset);
    if (*ret) {
        return 0;
    }
    failure = vt_qcow2_refcount_room(self, task);
    data = g_try_malloc((size_t)self->cluster_size);
    if (!failure) {
        failure = data ? vt_block_task_read(task, self->file, (int64_t)offset, data, self->cluster_size) : -ENOMEM;
    }
    if (!failure) {
        *ret = vt_qcow2_cache_add(&self->blocks, offset, g_steal_pointer(&data));
    }
    return failure;
}

int
vt_qcow2_refcount(VtQcow2 *self, VtBlockRequest *task, uint64_t cluster, uint64_t *ret)
{
    VtQcow2Table *block;
    int failure = load(self, task, cluster, &block);

    *ret = block ? get(self, block->data, cluster % self->block_entries) : 0;
    return failure;
}

int
vt_qcow2_refcount_put(VtQcow2 *self, VtBlockRequest *task, uint64_t cluster, uint64_t value)
{
    VtQcow2Table *block;
    int failure = load(self, task, cluster, &block);

    if (failure || !block) {
        return failure ? failure : -EIO;
    }
    put(self, block->data, cluster % self->block_entries, value);
    vt_qcow2_cache_set_dirty(&self->blocks, block, true);
    if (!value) {
        self->next_free = MIN(self->next_free, cluster);
    }
    return 0;
}
