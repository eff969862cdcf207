/* SPDX-License-Identifier: MIT */
/*
 * How tables get to the disk.
 *
 * After a crash at any moment, each table on disk refers to complete tables and clusters only, whose refcounts are not
 * too low.  So these are written in this order, with a flush before each that refers to one written before it: refcount
 * blocks, refcount table, L2 tables, L1 table.  Refcounts decrease after all that referred to the clusters is on stable
 * storage.  What a crash leaves is clusters with a refcount that is too high.
 */
#include <errno.h>

#include "qcow2.h"

/* ---- arrays --------------------------------------------------------------------------------------------- */

bool
vt_qcow2_array_init(VtQcow2Array *array, uint64_t n, uint64_t offset)
{
    *array = (VtQcow2Array){.n = n, .offset = offset};
    array->entries = g_try_malloc0_n(MAX(n, 1), 8);
    array->dirty = g_try_malloc0(n * 8 / VT_QCOW2_SECTION + 1);
    if (!array->entries || !array->dirty) {
        vt_qcow2_array_clear(array);
        return false;
    }
    return true;
}

void
vt_qcow2_array_clear(VtQcow2Array *array)
{
    g_clear_pointer(&array->entries, g_free);
    g_clear_pointer(&array->dirty, g_free);
}

int
vt_qcow2_array_read(VtQcow2 *self, VtBlockRequest *task, VtQcow2Array *array)
{
    int failure =
        array->n ? vt_block_task_read(task, self->file, (int64_t)array->offset, array->entries, (int64_t)array->n * 8)
                 : 0;

    for (uint64_t i = 0; i < array->n && !failure; i++) {
        array->entries[i] = GUINT64_FROM_BE(array->entries[i]);
    }
    return failure;
}

/* Writes @n entries from @first on. */
static int
write_entries(VtQcow2 *self, VtBlockRequest *task, const VtQcow2Array *array, uint64_t first, uint64_t n)
{
    g_autofree uint64_t *data = g_try_malloc_n(n, 8);

    if (!data) {
        return -ENOMEM;
    }
    for (uint64_t i = 0; i < n; i++) {
        data[i] = GUINT64_TO_BE(array->entries[first + i]);
    }
    self->unflushed = true;
    return vt_block_task_write(task, self->file, (int64_t)(array->offset + first * 8), data, (int64_t)n * 8);
}

int
vt_qcow2_array_write(VtQcow2 *self, VtBlockRequest *task, const VtQcow2Array *array)
{
    return array->n ? write_entries(self, task, array, 0, array->n) : 0;
}

void
vt_qcow2_array_set(VtQcow2Array *array, uint64_t index, uint64_t value)
{
    array->entries[index] = value;
    array->dirty[index * 8 / VT_QCOW2_SECTION] = 1;
    array->any_dirty = true;
}

static int
store_array(VtQcow2 *self, VtBlockRequest *task, VtQcow2Array *array)
{
    const uint64_t per_section = VT_QCOW2_SECTION / 8;
    uint64_t n_sections = (array->n + per_section - 1) / per_section;
    int failure = 0;

    for (uint64_t i = 0; i < n_sections && array->any_dirty && !failure; i++) {
        if (array->dirty[i]) {
            failure = write_entries(self, task, array, i * per_section, MIN(per_section, array->n - i * per_section));
            array->dirty[i] = failure != 0;
        }
    }
    array->any_dirty = array->any_dirty && failure;
    return failure;
}

/* ---- caches --------------------------------------------------------------------------------------------- */

static int
store_cache(VtQcow2 *self, VtBlockRequest *task, VtQcow2Cache *cache)
{
    g_autoptr(GPtrArray) dirty = NULL;
    int failure = 0;

    if (!cache->n_dirty) {
        return 0;
    }
    /* The loops reorder the cache when they use a table. */
    pthread_mutex_lock(&self->lock);
    dirty = vt_qcow2_cache_dirty(cache);
    pthread_mutex_unlock(&self->lock);
    for (guint i = 0; i < dirty->len && !failure; i++) {
        VtQcow2Table *table = dirty->pdata[i];

        failure = vt_qcow2_check_overlap(self, task, table->offset, cache->table_size);
        if (!failure) {
            self->unflushed = true;
            failure =
                vt_block_task_write(task, self->file, (int64_t)table->offset, table->data, (int64_t)cache->table_size);
        }
        if (!failure) {
            pthread_mutex_lock(&self->lock);
            vt_qcow2_cache_set_dirty(cache, table, false);
            pthread_mutex_unlock(&self->lock);
        }
    }
    return failure;
}

/* ---- order ---------------------------------------------------------------------------------------------- */

int
vt_qcow2_flush_files(VtQcow2 *self, VtBlockRequest *task)
{
    uint64_t epoch;
    int failure;

    self->unflushed = false;
    failure = self->data != self->file ? vt_block_task_command(task, self->data, VT_BLOCK_FLUSH, 0, 0, 0) : 0;
    if (!failure) {
        failure = vt_block_task_command(task, self->file, VT_BLOCK_FLUSH, 0, 0, 0);
    }
    if (failure) {
        self->unflushed = true;
        return failure;
    }
    pthread_mutex_lock(&self->lock);
    epoch = self->epoch;
    pthread_mutex_unlock(&self->lock);
    for (guint i = 0; i < self->written->len; i++) {
        g_array_index(self->written, VtQcow2Free, i).epoch = epoch;
    }
    g_array_append_vals(self->durable, self->written->data, self->written->len);
    g_array_set_size(self->written, 0);
    return 0;
}

static int
flush_before(VtQcow2 *self, VtBlockRequest *task, bool needed)
{
    return needed && self->unflushed ? vt_qcow2_flush_files(self, task) : 0;
}

int
vt_qcow2_store_refcounts(VtQcow2 *self, VtBlockRequest *task)
{
    int failure = store_cache(self, task, &self->blocks);

    if (!failure) {
        failure = flush_before(self, task, self->refcounts.any_dirty);
    }
    return failure ? failure : store_array(self, task, &self->refcounts);
}

bool
vt_qcow2_is_lazy(const VtQcow2 *self)
{
    return self->lazy && self->header.incompatible & VT_QCOW2_DIRTY;
}

int
vt_qcow2_store_all(VtQcow2 *self, VtBlockRequest *task, bool refcounts)
{
    int failure = self->failure;

    if (!failure && refcounts) {
        failure = vt_qcow2_store_refcounts(self, task);
    }
    if (!failure) {
        failure = flush_before(self, task, self->l2.n_dirty || self->l1.any_dirty);
    }
    if (!failure) {
        failure = store_cache(self, task, &self->l2);
    }
    if (!failure) {
        failure = flush_before(self, task, self->l1.any_dirty);
    }
    if (!failure) {
        failure = store_array(self, task, &self->l1);
    }
    if (!failure) {
        g_array_append_vals(self->written, self->fresh->data, self->fresh->len);
        g_array_set_size(self->fresh, 0);
    }
    return failure;
}

int
vt_qcow2_store(VtQcow2 *self, VtBlockRequest *task, bool flush)
{
    int failure;

    /* The refcount table is about to move: only blocks can be written, to which nothing refers yet. */
    if (self->moving) {
        return store_cache(self, task, &self->blocks);
    }
    failure = vt_qcow2_store_all(self, task, !vt_qcow2_is_lazy(self));
    if (!failure && flush) {
        failure = vt_qcow2_flush_files(self, task);
    }
    if (!failure && flush) {
        atomic_store(&self->changed, false);
    }
    return failure;
}

/* ---- the header ----------------------------------------------------------------------------------------- */

int
vt_qcow2_store_features(VtQcow2 *self, VtBlockRequest *task)
{
    uint8_t data[24];
    int failure;

    vt_qcow2_put64(data, self->header.incompatible);
    vt_qcow2_put64(data + 8, self->header.compatible);
    vt_qcow2_put64(data + 16, self->header.autoclear);
    failure = vt_block_task_write(task, self->file, 72, data, sizeof(data));
    return failure ? failure : vt_block_task_command(task, self->file, VT_BLOCK_FLUSH, 0, 0, 0);
}

/* ---- overlaps ------------------------------------------------------------------------------------------- */

static bool
meets(uint64_t offset, uint64_t size, uint64_t other, uint64_t other_size)
{
    return other_size && offset < other + other_size && other < offset + size;
}

bool
vt_qcow2_overlaps(const VtQcow2 *self, uint64_t offset, uint64_t size)
{
    const VtQcow2OverlapChecks *checks = &self->config->overlap_check;
    VtQcow2OverlapCheckMode mode = checks->type ? checks->u.mode : checks->u.flags.template;

    if (mode == VT_QCOW2_OVERLAP_CHECK_MODE_NONE) {
        return false;
    }
    return meets(offset, size, 0, (uint64_t)self->cluster_size) ||
           meets(offset, size, self->l1.offset, self->l1.n * 8) ||
           meets(offset, size, self->header.table_offset,
                 (uint64_t)self->header.table_clusters * (uint64_t)self->cluster_size) ||
           meets(offset, size, self->header.snapshots_offset, self->snapshots_size) ||
           meets(offset, size, self->header.bitmaps_offset, self->header.bitmaps_size);
}

int
vt_qcow2_check_overlap(VtQcow2 *self, VtBlockRequest *task, uint64_t offset, uint64_t size)
{
    if (!vt_qcow2_overlaps(self, offset, size)) {
        return 0;
    }
    self->failure = -EIO;
    if (self->header.version >= 3 && !(self->header.incompatible & VT_QCOW2_CORRUPT)) {
        self->header.incompatible |= VT_QCOW2_CORRUPT;
        vt_qcow2_store_features(self, task);
    }
    return -EIO;
}
