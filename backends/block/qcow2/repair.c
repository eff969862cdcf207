/* SPDX-License-Identifier: MIT */
/*
 * Counts the references of an image whose refcounts were not written before a crash (lazy refcounts), and corrects the
 * refcounts.
 */
#include <errno.h>

#include "qcow2.h"

typedef struct Count {
    VtQcow2 *self;
    VtBlockRequest *task;
    uint32_t *refs;
    uint64_t n; /* clusters of the file */
    int failure;
} Count;

static void
add(Count *count, uint64_t offset, uint64_t size)
{
    uint64_t first = offset >> count->self->header.cluster_bits;
    uint64_t end = vt_qcow2_up(count->self, offset + size) >> count->self->header.cluster_bits;

    if (end > count->n || end < first) {
        count->failure = -EIO;
        return;
    }
    for (uint64_t i = first; i < end; i++) {
        count->refs[i]++;
    }
}

static void
add_l2(Count *count, uint64_t offset, uint8_t *table)
{
    VtQcow2 *self = count->self;

    count->failure = vt_block_task_read(count->task, self->file, (int64_t)offset, table, self->cluster_size);
    for (size_t i = 0; i < (size_t)self->cluster_size / self->entry_size && !count->failure; i++) {
        uint64_t entry = vt_qcow2_get64(table + i * self->entry_size), size;

        if (entry & VT_QCOW2_PACKED) {
            offset = vt_qcow2_packed(self, entry, &size);
            add(count, vt_qcow2_down(self, offset), vt_qcow2_up(self, offset + size) - vt_qcow2_down(self, offset));
        } else if (entry & VT_QCOW2_OFFSET && !self->has_data_file) {
            add(count, entry & VT_QCOW2_OFFSET, (uint64_t)self->cluster_size);
        }
    }
}

static void
add_l1(Count *count, uint64_t offset, uint64_t n)
{
    VtQcow2 *self = count->self;
    g_autofree uint8_t *table = g_try_malloc((size_t)self->cluster_size);
    VtQcow2Array l1;

    add(count, offset, n * 8);
    if (count->failure || !table || !vt_qcow2_array_init(&l1, n, offset)) {
        count->failure = count->failure ? count->failure : -ENOMEM;
        return;
    }
    count->failure = vt_qcow2_array_read(self, count->task, &l1);
    for (uint64_t i = 0; i < n && !count->failure; i++) {
        uint64_t at = l1.entries[i] & VT_QCOW2_OFFSET;

        if (at) {
            add(count, at, (uint64_t)self->cluster_size);
        }
        if (at && !count->failure) {
            add_l2(count, at, table);
        }
    }
    vt_qcow2_array_clear(&l1);
}

/* ---- bitmaps -------------------------------------------------------------------------------------------- */

static void
add_bitmap(Count *count, const uint8_t *entry)
{
    VtQcow2 *self = count->self;
    VtQcow2Array table;
    uint64_t offset = vt_qcow2_get64(entry), n = vt_qcow2_get64(entry + 8) >> 32;

    add(count, offset, n * 8);
    if (count->failure || !vt_qcow2_array_init(&table, n, offset)) {
        count->failure = count->failure ? count->failure : -ENOMEM;
        return;
    }
    count->failure = vt_qcow2_array_read(self, count->task, &table);
    for (uint64_t i = 0; i < n && !count->failure; i++) {
        if (table.entries[i] & VT_QCOW2_OFFSET) {
            add(count, table.entries[i] & VT_QCOW2_OFFSET, (uint64_t)self->cluster_size);
        }
    }
    vt_qcow2_array_clear(&table);
}

static void
add_bitmaps(Count *count)
{
    const VtQcow2Header *header = &count->self->header;
    g_autofree uint8_t *directory = g_try_malloc(MAX(header->bitmaps_size, 1));

    if (!header->bitmaps_size || count->failure) {
        return;
    }
    add(count, header->bitmaps_offset, header->bitmaps_size);
    if (!directory || count->failure) {
        count->failure = count->failure ? count->failure : -ENOMEM;
        return;
    }
    count->failure = vt_block_task_read(count->task, count->self->file, (int64_t)header->bitmaps_offset, directory,
                                        (int64_t)header->bitmaps_size);
    for (uint64_t at = 0; at + 24 <= header->bitmaps_size && !count->failure;) {
        const uint8_t *entry = directory + at;
        uint64_t name = (uint64_t)entry[18] << 8 | entry[19];
        uint64_t extra = (uint64_t)entry[20] << 24 | (uint64_t)entry[21] << 16 | (uint64_t)entry[22] << 8 | entry[23];

        add_bitmap(count, entry);
        at += (24 + name + extra + 7) / 8 * 8;
    }
}

/* ---- all ------------------------------------------------------------------------------------------------ */

static void
add_all(Count *count)
{
    VtQcow2 *self = count->self;

    add(count, 0, (uint64_t)self->cluster_size);
    add(count, self->header.table_offset, (uint64_t)self->header.table_clusters * (uint64_t)self->cluster_size);
    add(count, self->header.snapshots_offset, self->snapshots_size);
    for (uint64_t i = 0; i < self->refcounts.n && !count->failure; i++) {
        if (self->refcounts.entries[i] & VT_QCOW2_OFFSET) {
            add(count, self->refcounts.entries[i] & VT_QCOW2_OFFSET, (uint64_t)self->cluster_size);
        }
    }
    if (!count->failure) {
        add_l1(count, self->l1.offset, self->l1.n);
    }
    for (guint i = 0; i < self->snapshots->len && !count->failure; i++) {
        const VtQcow2Snapshot *snapshot = &g_array_index(self->snapshots, VtQcow2Snapshot, i);

        add_l1(count, snapshot->offset, snapshot->n);
    }
    add_bitmaps(count);
}

/* First those that are too low, as new blocks may be allocated meanwhile. */
static void
correct(Count *count)
{
    VtQcow2 *self = count->self;

    for (int too_low = 1; too_low >= 0; too_low--) {
        for (uint64_t i = 0; i < count->n && !count->failure; i++) {
            uint64_t refcount;

            count->failure = vt_qcow2_refcount(self, count->task, i, &refcount);
            if (!count->failure && (too_low ? refcount < count->refs[i] : refcount > count->refs[i])) {
                count->failure = vt_qcow2_refcount_set(self, count->task, i, count->refs[i]);
            }
        }
    }
}

int
vt_qcow2_repair(VtQcow2 *self, VtBlockRequest *task)
{
    /* All that tables refer to is within the file, except the rest of its last cluster. */
    Count count = {.self = self, .task = task, .n = vt_qcow2_up(self, self->end) >> self->header.cluster_bits};

    count.refs = g_try_new0(uint32_t, MAX(count.n, 1));
    if (!count.refs) {
        return -ENOMEM;
    }
    add_all(&count);
    /* New refcount blocks are at the end of the file, so that they are in no cluster whose refcount is too low. */
    self->next_free = count.n;
    correct(&count);
    self->next_free = 0;
    g_free(count.refs);
    if (!count.failure) {
        count.failure = vt_qcow2_store(self, task, true);
    }
    return count.failure;
}
