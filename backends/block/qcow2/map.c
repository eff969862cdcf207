/* SPDX-License-Identifier: MIT */
/*
 * From offsets of the guest to extents of the host.
 */
#include <errno.h>

#include "qcow2.h"

bool
vt_qcow2_hole_is_zero(const VtQcow2 *self, int64_t offset)
{
    return !self->backing || offset >= vt_block_node_length(self->backing);
}

uint64_t
vt_qcow2_l1_index(const VtQcow2 *self, int64_t offset)
{
    return (uint64_t)offset >> (self->header.cluster_bits + self->l2_bits);
}

uint64_t
vt_qcow2_l2_slice(const VtQcow2 *self, int64_t offset, size_t *ret_entry)
{
    uint64_t index = ((uint64_t)offset >> self->header.cluster_bits) & (((uint64_t)1 << self->l2_bits) - 1);
    uint64_t slice = index / self->l2_entries;

    *ret_entry = index % self->l2_entries;
    return slice * self->l2.table_size;
}

uint64_t
vt_qcow2_packed(const VtQcow2 *self, uint64_t entry, uint64_t *ret_size)
{
    unsigned bits = 62 - (self->header.cluster_bits - 8);
    uint64_t offset = entry & ((UINT64_C(1) << bits) - 1);
    uint64_t sectors = (entry >> bits & ((UINT64_C(1) << (62 - bits)) - 1)) + 1;

    *ret_size = sectors * VT_BLOCK_SECTOR - (offset & (VT_BLOCK_SECTOR - 1));
    return offset;
}

/* ---- one cluster ---------------------------------------------------------------------------------------- */

/* The state of a subcluster, in a bitmap of an extended entry. */
static VtQcow2Kind
sub_kind(uint64_t bitmap, unsigned sub)
{
    return bitmap >> (sub + 32) & 1 ? VT_QCOW2_ZEROES : bitmap >> sub & 1 ? VT_QCOW2_DATA : VT_QCOW2_HOLE;
}

/* Describes @size bytes from @offset on, within a cluster whose entry is at @data.  ret->size can be less. */
static bool
describe(VtQcow2 *self, const uint8_t *data, int64_t offset, int64_t size, VtQcow2Extent *ret)
{
    uint64_t entry = vt_qcow2_get64(data), bitmap = 0;
    int64_t within = offset & (self->cluster_size - 1);
    uint64_t host = entry & VT_QCOW2_OFFSET;

    *ret = (VtQcow2Extent){.size = size, .kind = VT_QCOW2_HOLE};
    if (entry & VT_QCOW2_PACKED) {
        ret->kind = VT_QCOW2_DEFLATED;
        ret->entry = entry;
        return !self->has_data_file;
    }
    if (self->entry_size == 16) {
        unsigned sub = (unsigned)(within / self->sub_size), last = (unsigned)((within + size - 1) / self->sub_size);

        bitmap = vt_qcow2_get64(data + 8);
        if (bitmap & bitmap >> 32) {
            return false;
        }
        ret->kind = sub_kind(bitmap, sub);
        for (unsigned i = sub + 1; i <= last; i++) {
            if (sub_kind(bitmap, i) != ret->kind) {
                ret->size = i * self->sub_size - within;
                break;
            }
        }
    } else if (entry & VT_QCOW2_ZERO && self->header.version >= 3) {
        ret->kind = VT_QCOW2_ZEROES;
    } else if (host || (self->has_data_file && entry & VT_QCOW2_COPIED)) {
        ret->kind = VT_QCOW2_DATA;
    }
    if (ret->kind == VT_QCOW2_DATA) {
        ret->host = (int64_t)host + within;
        ret->writable = entry & VT_QCOW2_COPIED;
        /* Without a data file, the first cluster has the header. */
        return !(host & (uint64_t)(self->cluster_size - 1)) && (host || self->has_data_file);
    }
    return true;
}

static bool
continues(const VtQcow2Extent *before, const VtQcow2Extent *next)
{
    if (before->kind != next->kind || before->kind == VT_QCOW2_DEFLATED) {
        return false;
    }
    return before->kind != VT_QCOW2_DATA ||
           (before->host + before->size == next->host && before->writable == next->writable);
}

/* ---- a range -------------------------------------------------------------------------------------------- */

/* The same for a range whose entries are in one slice of a table. */
static VtQcow2Found
describe_slice(VtQcow2 *self, const VtQcow2Table *table, size_t index, int64_t offset, int64_t size, VtQcow2Extent *ret)
{
    int64_t done = 0;

    while (done < size && index < self->l2_entries) {
        int64_t at = offset + done, left = self->cluster_size - (at & (self->cluster_size - 1));
        VtQcow2Extent next;

        left = MIN(left, size - done);
        if (!describe(self, table->data + index * self->entry_size, at, left, &next)) {
            return VT_QCOW2_BROKEN;
        }
        if (done && !continues(ret, &next)) {
            break;
        }
        if (done) {
            ret->size += next.size;
        } else {
            *ret = next;
        }
        done += next.size;
        if (next.kind == VT_QCOW2_DEFLATED) {
            break;
        }
        index += !((offset + done) & (self->cluster_size - 1));
    }
    return VT_QCOW2_FOUND;
}

/* The table that an entry of the L1 table refers to. */
static VtQcow2Found
check_l1(const VtQcow2 *self, uint64_t index, uint64_t *ret)
{
    *ret = self->l1.entries[index] & VT_QCOW2_OFFSET;
    return *ret & (uint64_t)(self->cluster_size - 1) ? VT_QCOW2_BROKEN : VT_QCOW2_FOUND;
}

VtQcow2Found
vt_qcow2_map(VtQcow2 *self, int64_t offset, int64_t size, VtQcow2Extent *ret)
{
    uint64_t l1 = vt_qcow2_l1_index(self, offset), start;
    const VtQcow2Table *table;
    size_t index;

    if (l1 >= self->l1.n || check_l1(self, l1, &start)) {
        return VT_QCOW2_BROKEN;
    }
    if (!start) {
        int64_t covered = self->cluster_size << self->l2_bits;

        *ret = (VtQcow2Extent){.kind = VT_QCOW2_HOLE, .size = MIN(size, covered - (offset & (covered - 1)))};
        return VT_QCOW2_FOUND;
    }
    table = vt_qcow2_cache_find(&self->l2, start + vt_qcow2_l2_slice(self, offset, &index));
    return table ? describe_slice(self, table, index, offset, size, ret) : VT_QCOW2_MISSING;
}

/* ---- in a task ------------------------------------------------------------------------------------------ */

static bool
make_room(VtQcow2 *self)
{
    bool room;

    pthread_mutex_lock(&self->lock);
    room = vt_qcow2_cache_make_room(&self->l2);
    pthread_mutex_unlock(&self->lock);
    return room;
}

int
vt_qcow2_load(VtQcow2 *self, VtBlockRequest *task, int64_t offset, VtQcow2Table **ret)
{
    uint64_t l1 = vt_qcow2_l1_index(self, offset), at;
    g_autofree uint8_t *data = NULL;
    size_t index;
    int failure;

    *ret = NULL;
    if (l1 >= self->l1.n || check_l1(self, l1, &at)) {
        return -EIO;
    }
    if (!at) {
        return 0;
    }
    at += vt_qcow2_l2_slice(self, offset, &index);
    pthread_mutex_lock(&self->lock);
    *ret = vt_qcow2_cache_find(&self->l2, at);
    pthread_mutex_unlock(&self->lock);
    if (*ret) {
        return 0;
    }
    if (!make_room(self)) {
        failure = vt_qcow2_store(self, task, false);
        if (failure) {
            return failure;
        }
        make_room(self);
    }
    data = g_try_malloc(self->l2.table_size);
    failure = data ? vt_block_task_read(task, self->file, (int64_t)at, data, (int64_t)self->l2.table_size) : -ENOMEM;
    if (failure) {
        return failure;
    }
    pthread_mutex_lock(&self->lock);
    *ret = vt_qcow2_cache_add(&self->l2, at, g_steal_pointer(&data));
    pthread_mutex_unlock(&self->lock);
    return 0;
}

int
vt_qcow2_find(VtQcow2 *self, VtBlockRequest *task, int64_t offset, int64_t size, VtQcow2Extent *ret)
{
    VtQcow2Found found;
    VtQcow2Table *table;
    int failure;

    pthread_mutex_lock(&self->lock);
    found = vt_qcow2_map(self, offset, size, ret);
    pthread_mutex_unlock(&self->lock);
    if (found == VT_QCOW2_MISSING) {
        pthread_mutex_lock(&self->tables);
        failure = vt_qcow2_load(self, task, offset, &table);
        if (!failure) {
            pthread_mutex_lock(&self->lock);
            found = vt_qcow2_map(self, offset, size, ret);
            pthread_mutex_unlock(&self->lock);
        }
        pthread_mutex_unlock(&self->tables);
        if (failure) {
            return failure;
        }
    }
    return found == VT_QCOW2_FOUND ? 0 : -EIO;
}
