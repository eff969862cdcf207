/* SPDX-License-Identifier: MIT */
/*
 * Changes of L2 tables.
 */
#include <errno.h>

#include "qcow2.h"

/* ---- permission ----------------------------------------------------------------------------------------- */

int
vt_qcow2_prepare(VtQcow2 *self, VtBlockRequest *task)
{
    VtQcow2Header *header = &self->header;
    int failure = self->failure;
    uint64_t known = self->raw_data ? VT_QCOW2_DATA_RAW : 0;
    bool changes = header->autoclear & ~known;

    if (failure || self->prepared) {
        return failure;
    }
    /* The other bits state that the image has more data, which follows each write.  This driver does not update it. */
    header->autoclear &= known;
    if (header->incompatible & VT_QCOW2_DIRTY) {
        failure = vt_qcow2_repair(self, task);
        header->incompatible &= ~(uint64_t)(failure ? 0 : VT_QCOW2_DIRTY);
        changes = true;
    }
    if (!failure && self->lazy) {
        header->incompatible |= VT_QCOW2_DIRTY;
        changes = true;
    }
    if (!failure && changes) {
        failure = vt_qcow2_store_features(self, task);
    }
    self->prepared = !failure;
    return failure;
}

/* ---- tables --------------------------------------------------------------------------------------------- */

static void
forget_slices(VtQcow2 *self, uint64_t table)
{
    for (int64_t at = 0; at < self->cluster_size; at += (int64_t)self->l2.table_size) {
        vt_qcow2_cache_remove(&self->l2, table + (uint64_t)at);
    }
}

/* Allocates a table with the data of the one at @old; 0: empty. */
static int
make_table(VtQcow2 *self, VtBlockRequest *task, uint64_t index, uint64_t old)
{
    g_autofree uint8_t *data = g_try_malloc0((size_t)self->cluster_size);
    uint64_t n = 1, offset;
    int failure = data ? 0 : -ENOMEM;

    if (old && !failure) {
        failure = vt_block_task_read(task, self->file, (int64_t)old, data, self->cluster_size);
    }
    if (!failure) {
        failure = vt_qcow2_allocate(self, task, &n, true, &offset);
    }
    if (failure) {
        return failure;
    }
    vt_qcow2_take_virgin(self, offset, (uint64_t)self->cluster_size);
    self->unflushed = true;
    failure = vt_block_task_write(task, self->file, (int64_t)offset, data, self->cluster_size);
    if (failure) {
        vt_qcow2_unallocate(self, task, offset, (uint64_t)self->cluster_size);
        return failure;
    }
    pthread_mutex_lock(&self->lock);
    forget_slices(self, offset);
    if (old) {
        forget_slices(self, old);
    }
    vt_qcow2_array_set(&self->l1, index, offset | VT_QCOW2_COPIED);
    pthread_mutex_unlock(&self->lock);
    if (old) {
        vt_qcow2_free_later(self, old, (uint64_t)self->cluster_size, VT_QCOW2_SNAPSHOT);
    }
    return 0;
}

int
vt_qcow2_load_own(VtQcow2 *self, VtBlockRequest *task, int64_t offset, VtQcow2Table **ret)
{
    uint64_t index = vt_qcow2_l1_index(self, offset), entry;
    int failure = 0;

    if (index >= self->l1.n) {
        return -EIO;
    }
    entry = self->l1.entries[index];
    if (entry & VT_QCOW2_OFFSET & (uint64_t)(self->cluster_size - 1)) {
        return -EIO;
    }
    if (!(entry & VT_QCOW2_OFFSET) || !(entry & VT_QCOW2_COPIED)) {
        failure = make_table(self, task, index, entry & VT_QCOW2_OFFSET);
    }
    return failure ? failure : vt_qcow2_load(self, task, offset, ret);
}

/* ---- entries -------------------------------------------------------------------------------------------- */

/* What an entry refers to is not referred to any more. */
static void
release(VtQcow2 *self, uint64_t entry, VtQcow2Reason reason)
{
    uint64_t size, start;

    if (entry & VT_QCOW2_PACKED) {
        start = vt_qcow2_packed(self, entry, &size);
        size = vt_qcow2_up(self, start + size) - vt_qcow2_down(self, start);
        vt_qcow2_free_later(self, vt_qcow2_down(self, start), size, reason);
    } else if (vt_qcow2_is_allocated(self, entry) && !self->has_data_file) {
        vt_qcow2_free_later(self, entry & VT_QCOW2_OFFSET, (uint64_t)self->cluster_size,
                            entry & VT_QCOW2_COPIED ? reason : VT_QCOW2_SNAPSHOT);
    }
}

void
vt_qcow2_set_entry(VtQcow2 *self, VtQcow2Table *table, size_t index, uint64_t entry, uint64_t bitmap,
                   VtQcow2Reason reason)
{
    uint8_t *place = table->data + index * self->entry_size;
    uint64_t old = vt_qcow2_get64(place);
    bool stays = vt_qcow2_is_allocated(self, old) && vt_qcow2_is_allocated(self, entry) &&
                 ((old ^ entry) & VT_QCOW2_OFFSET) == 0;

    pthread_mutex_lock(&self->lock);
    vt_qcow2_put64(place, entry);
    if (self->entry_size == 16) {
        vt_qcow2_put64(place + 8, bitmap);
    }
    vt_qcow2_cache_set_dirty(&self->l2, table, true);
    pthread_mutex_unlock(&self->lock);
    atomic_store(&self->changed, true);
    if (!stays) {
        release(self, old, reason);
    }
}
