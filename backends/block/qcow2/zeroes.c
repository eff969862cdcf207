/* SPDX-License-Identifier: MIT */
/*
 * Write zeroes, and discards.  Whole clusters, or parts that have a bit of their own, change in their entry.  The rest
 * is written.
 */
#include <errno.h>

#include "qcow2.h"

#define ALL_ZERO (UINT64_C(0xffffffff) << 32)

typedef struct Change {
    bool discard, unmap;
} Change;

/* Whether an entry becomes one that reads as zeroes, and keeps its cluster. */
static bool
keeps(const VtQcow2 *self, const Change *change, uint64_t entry)
{
    if (!vt_qcow2_is_allocated(self, entry) || !(entry & VT_QCOW2_COPIED)) {
        return false;
    }
    return change->discard ? self->config->discard_no_unref : !change->unmap;
}

static int
pass(VtQcow2 *self, VtBlockRequest *task, const Change *change, uint64_t host)
{
    if (self->raw_data) {
        /* The data file is an image itself. */
        return vt_block_task_command(task, self->data, VT_BLOCK_ZEROES, (int64_t)host, self->cluster_size,
                                     change->unmap || change->discard ? VT_BLOCK_MAY_UNMAP : 0);
    }
    if (change->unmap && self->discards) {
        vt_block_task_command(task, self->data, VT_BLOCK_DISCARD, (int64_t)host, self->cluster_size, 0);
    }
    return 0;
}

/* Changes the entry of a whole cluster. */
static int
change_cluster(VtQcow2 *self, VtBlockRequest *task, const Change *change, int64_t offset, VtQcow2Table *table,
               size_t index)
{
    uint64_t entry = vt_qcow2_get64(table->data + index * self->entry_size), bitmap = 0, host = 0;
    bool extended = self->entry_size == 16, can_be_zero = self->header.version >= 3;
    int failure = 0;

    if (extended) {
        bitmap = vt_qcow2_get64(table->data + index * self->entry_size + 8);
    }
    if (!entry && !bitmap && (change->discard || vt_qcow2_hole_is_zero(self, offset)) && !self->raw_data) {
        return 0;
    }
    if (keeps(self, change, entry) && can_be_zero) {
        host = entry & (VT_QCOW2_OFFSET | VT_QCOW2_COPIED);
        failure = pass(self, task, change, host & VT_QCOW2_OFFSET);
    } else if (self->raw_data || (self->has_data_file && vt_qcow2_is_allocated(self, entry))) {
        /* A cluster of the data file has one place only, which may be written again at once. */
        failure = pass(self, task, change, (uint64_t)offset);
    }
    if (!failure) {
        vt_qcow2_set_entry(self, table, index, host | (can_be_zero && !extended ? VT_QCOW2_ZERO : 0), ALL_ZERO,
                           VT_QCOW2_REQUEST);
    }
    return failure;
}

/* Changes subclusters of a cluster, with an extended entry. */
static int
change_subclusters(VtQcow2 *self, int64_t offset, int64_t size, VtQcow2Table *table, size_t index)
{
    uint64_t entry = vt_qcow2_get64(table->data + index * self->entry_size);
    uint64_t bitmap = vt_qcow2_get64(table->data + index * self->entry_size + 8);
    int64_t within = offset & (self->cluster_size - 1);
    uint64_t from = (uint64_t)(within / self->sub_size), to = (uint64_t)((within + size) / self->sub_size);
    uint64_t bits = ((UINT64_C(1) << to) - 1) & ~((UINT64_C(1) << from) - 1);

    vt_qcow2_set_entry(self, table, index, entry, (bitmap & ~bits) | bits << 32, VT_QCOW2_REQUEST);
    return 0;
}

/* Returns 0, -errno, or 1: zeroes must be written.  Hold VtQcow2.tables. */
static int
change_entry(VtQcow2 *self, VtBlockRequest *task, const Change *change, int64_t offset, int64_t size)
{
    bool whole = size == self->cluster_size;
    VtQcow2Table *table;
    uint64_t entry = 0, bitmap = 0;
    size_t index;
    int failure = vt_qcow2_load(self, task, offset, &table);

    vt_qcow2_l2_slice(self, offset, &index);
    if (!failure && table) {
        entry = vt_qcow2_get64(table->data + index * self->entry_size);
        bitmap = self->entry_size == 16 ? vt_qcow2_get64(table->data + index * self->entry_size + 8) : 0;
    }
    if (failure) {
        return failure;
    }
    if (!entry && !bitmap && (change->discard || vt_qcow2_hole_is_zero(self, offset)) && !self->raw_data) {
        return 0;
    }
    if (whole && self->header.version < 3 && !vt_qcow2_hole_is_zero(self, offset)) {
        /* Without an entry, the backing node would appear. */
        return change->discard ? 0 : 1;
    }
    if (!whole && (self->entry_size == 8 || entry & VT_QCOW2_PACKED || self->raw_data)) {
        return change->discard ? 0 : 1;
    }
    if (self->header.version < 3 && !change->discard && !change->unmap) {
        return 1;
    }
    failure = vt_qcow2_load_own(self, task, offset, &table);
    if (failure) {
        return failure;
    }
    return whole ? change_cluster(self, task, change, offset, table, index)
                 : change_subclusters(self, offset, size, table, index);
}

/* One cluster, or a part of it. */
static int
change_one(VtQcow2 *self, VtBlockRequest *task, const Change *change, int64_t offset, int64_t size)
{
    int64_t start = (int64_t)vt_qcow2_down(self, (uint64_t)offset);
    int failure;

    if ((offset | size) & (self->sub_size - 1)) {
        return change->discard ? 0 : 1;
    }
    pthread_mutex_lock(&self->tables);
    vt_qcow2_await_flights(self, start, start + self->cluster_size);
    failure = vt_qcow2_prepare(self, task);
    if (!failure) {
        failure = change_entry(self, task, change, offset, size);
    }
    if (!failure && self->fresh->len + self->written->len > VT_QCOW2_FREES_MAX) {
        failure = vt_qcow2_store(self, task, true);
    }
    pthread_mutex_unlock(&self->tables);
    return failure;
}

static int
change_range(VtQcow2 *self, VtBlockRequest *task, const Change *change, int64_t offset, int64_t size)
{
    int64_t end = offset + size, disk = atomic_load(&self->size);
    int failure = 0;

    while (offset < end && failure >= 0) {
        int64_t start = (int64_t)vt_qcow2_down(self, (uint64_t)offset);
        int64_t part = MIN(start + self->cluster_size, end) - offset, shown = part;

        /* The last cluster is whole if all of it that the guest sees is. */
        if (offset + part == disk) {
            shown = start + self->cluster_size - offset;
        }
        failure = change_one(self, task, change, offset, shown);
        if (failure > 0) {
            failure = vt_qcow2_write(self, task, NULL, offset, part, 0);
        }
        offset += part;
    }
    return failure;
}

int
vt_qcow2_zero(VtQcow2 *self, VtBlockRequest *task, int64_t offset, int64_t size, bool unmap)
{
    return change_range(self, task, &(Change){.unmap = unmap}, offset, size);
}

int
vt_qcow2_zeroes_task(VtBlockRequest *task)
{
    VtQcow2 *self = task->node->state;
    int failure = vt_qcow2_zero(self, task, task->offset, task->size, task->flags & VT_BLOCK_MAY_UNMAP);

    if (!failure && task->flags & VT_BLOCK_FUA) {
        failure = vt_qcow2_flush_task(task);
    }
    return failure;
}

int
vt_qcow2_discard_task(VtBlockRequest *task)
{
    VtQcow2 *self = task->node->state;

    return change_range(self, task, &(Change){.discard = true, .unmap = true}, task->offset, task->size);
}
