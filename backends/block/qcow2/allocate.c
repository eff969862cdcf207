/* SPDX-License-Identifier: MIT */
/*
 * How clusters are allocated, and how the refcounts get room to grow.
 */
#include <errno.h>

#include "qcow2.h"

#define OFFSET_MAX (UINT64_C(1) << 56)
#define TABLE_MAX  (UINT64_C(8) << 20) /* bytes of the refcount table */

/* ---- search --------------------------------------------------------------------------------------------- */

/* Finds the first free clusters: a row of up to *n, or of exactly *n. */
static int
find_free(VtQcow2 *self, VtBlockRequest *task, uint64_t *n, bool exactly, uint64_t *ret)
{
    uint64_t cluster = self->next_free, found = 0;
    bool first = true;

    while (found < *n) {
        uint64_t refcount;
        int failure = vt_qcow2_refcount(self, task, cluster + found, &refcount);

        if (failure) {
            return failure;
        }
        if (cluster + found >= OFFSET_MAX >> self->header.cluster_bits) {
            return -EFBIG;
        }
        if (refcount && found && !exactly) {
            break;
        }
        if (refcount) {
            cluster += found + 1;
            found = 0;
            if (first) {
                self->next_free = cluster;
            }
            continue;
        }
        first = false;
        found++;
    }
    *n = found;
    *ret = cluster;
    return 0;
}

/* ---- growth --------------------------------------------------------------------------------------------- */

static int ensure_block(VtQcow2 *self, VtBlockRequest *task, uint64_t cluster, bool *ret_made);

/* The new table is complete on stable storage before the header refers to it. */
static int
move_table(VtQcow2 *self, VtBlockRequest *task, uint64_t n, uint64_t offset)
{
    VtQcow2Array *table = &self->refcounts;
    uint64_t old_offset = table->offset,
             old_size = (uint64_t)self->header.table_clusters * (uint64_t)self->cluster_size;
    uint8_t header[12];
    int failure;

    table->offset = offset;
    vt_qcow2_take_virgin(self, offset, table->n * 8);
    failure = vt_qcow2_store(self, task, true);
    if (!failure) {
        failure = vt_qcow2_array_write(self, task, table);
    }
    if (!failure) {
        failure = vt_qcow2_flush_files(self, task);
    }
    vt_qcow2_put64(header, offset);
    header[8] = (uint8_t)(n >> 24);
    header[9] = (uint8_t)(n >> 16);
    header[10] = (uint8_t)(n >> 8);
    header[11] = (uint8_t)n;
    if (!failure) {
        failure = vt_block_task_write(task, self->file, 48, header, sizeof(header));
    }
    if (!failure) {
        failure = vt_qcow2_flush_files(self, task);
    }
    if (!failure) {
        self->header.table_offset = offset;
        self->header.table_clusters = (uint32_t)n;
        vt_qcow2_free_later(self, old_offset, old_size, VT_QCOW2_OTHER);
    }
    return failure;
}

/* Makes the refcount table cover @index. */
static int
grow_table(VtQcow2 *self, VtBlockRequest *task, uint64_t index)
{
    uint64_t per_cluster = (uint64_t)self->cluster_size / 8;
    uint64_t n = MAX((index + 2 + per_cluster) / per_cluster, self->header.table_clusters * 3 / 2 + 1), offset;
    VtQcow2Array larger;
    int failure;

    if (n * (uint64_t)self->cluster_size > MAX(TABLE_MAX, (uint64_t)self->cluster_size)) {
        return -EFBIG;
    }
    if (!vt_qcow2_array_init(&larger, n * per_cluster, self->refcounts.offset)) {
        return -ENOMEM;
    }
    /* The entries of the old table that are dirty are on disk before it is left. */
    failure = vt_qcow2_store(self, task, false);
    if (failure) {
        vt_qcow2_array_clear(&larger);
        return failure;
    }
    memcpy(larger.entries, self->refcounts.entries, self->refcounts.n * 8);
    vt_qcow2_array_clear(&self->refcounts);
    self->refcounts = larger;
    /* Until the table is moved, its end is in memory only, and nothing may be stored: a failure is final. */
    self->moving = true;
    failure = vt_qcow2_allocate(self, task, &n, true, &offset);
    self->moving = false;
    if (!failure) {
        failure = move_table(self, task, n, offset);
    }
    if (failure) {
        self->failure = failure;
    }
    return failure;
}

static int
add_block(VtQcow2 *self, VtBlockRequest *task, uint64_t index, uint64_t cluster)
{
    uint64_t offset = cluster << self->header.cluster_bits;
    uint8_t *data = g_try_malloc0((size_t)self->cluster_size);
    int failure = data ? vt_qcow2_refcount_room(self, task) : -ENOMEM;

    if (failure) {
        g_free(data);
        return failure;
    }
    vt_qcow2_cache_set_dirty(&self->blocks, vt_qcow2_cache_add(&self->blocks, offset, data), true);
    vt_qcow2_array_set(&self->refcounts, index, offset);
    vt_qcow2_take_virgin(self, offset, (uint64_t)self->cluster_size);
    return vt_qcow2_refcount_put(self, task, cluster, 1);
}

/* Makes the block for @cluster.  A new block is in a cluster that an existing block counts, or counts itself. */
static int
ensure_block(VtQcow2 *self, VtBlockRequest *task, uint64_t cluster, bool *ret_made)
{
    uint64_t wanted = cluster / self->block_entries;

    for (;;) {
        uint64_t n = 1, place, counts;
        int failure;

        if (wanted >= self->refcounts.n) {
            *ret_made = true;
            failure = grow_table(self, task, wanted);
            if (failure) {
                return failure;
            }
        }
        if (self->refcounts.entries[wanted] & VT_QCOW2_OFFSET) {
            return 0;
        }
        *ret_made = true;
        failure = find_free(self, task, &n, true, &place);
        if (failure) {
            return failure;
        }
        counts = place / self->block_entries;
        if (counts >= self->refcounts.n) {
            failure = grow_table(self, task, counts);
        } else if (self->refcounts.entries[counts] & VT_QCOW2_OFFSET) {
            failure = vt_qcow2_refcount_put(self, task, place, 1);
            if (!failure) {
                failure = add_block(self, task, wanted, place);
            }
        } else {
            failure = add_block(self, task, counts, place);
        }
        if (failure) {
            return failure;
        }
    }
}

/* ---- allocation ----------------------------------------------------------------------------------------- */

static uint64_t
maximum(const VtQcow2 *self)
{
    return self->refcount_bits == 64 ? UINT64_MAX : (UINT64_C(1) << self->refcount_bits) - 1;
}

int
vt_qcow2_refcount_set(VtQcow2 *self, VtBlockRequest *task, uint64_t cluster, uint64_t value)
{
    bool made = false;
    int failure = value > maximum(self) ? -EOVERFLOW : ensure_block(self, task, cluster, &made);

    return failure ? failure : vt_qcow2_refcount_put(self, task, cluster, value);
}

int
vt_qcow2_allocate(VtQcow2 *self, VtBlockRequest *task, uint64_t *n, bool exactly, uint64_t *ret)
{
    uint64_t cluster, wanted = *n;
    int failure = self->failure;
    bool made = true;

    if (self->durable->len && !failure) {
        failure = vt_qcow2_free_now(self, task);
    }
    /* A new block may take one of the clusters that were found. */
    while (made && !failure) {
        made = false;
        *n = wanted;
        failure = find_free(self, task, n, exactly, &cluster);
        for (uint64_t i = 0; i < *n && !failure && !made; i += self->block_entries) {
            failure = ensure_block(self, task, cluster + i, &made);
        }
        if (!failure && !made) {
            failure = ensure_block(self, task, cluster + *n - 1, &made);
        }
    }
    for (uint64_t i = 0; i < *n && !failure; i++) {
        failure = vt_qcow2_refcount_put(self, task, cluster + i, 1);
    }
    if (failure) {
        return failure;
    }
    atomic_store(&self->changed, true);
    if (self->next_free == cluster) {
        self->next_free = cluster + *n;
    }
    *ret = cluster << self->header.cluster_bits;
    if (vt_qcow2_overlaps(self, *ret, *n << self->header.cluster_bits)) {
        return vt_qcow2_check_overlap(self, task, *ret, *n << self->header.cluster_bits);
    }
    return 0;
}
