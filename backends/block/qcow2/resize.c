/* SPDX-License-Identifier: MIT */
/*
 * Growth of the guest's disk.
 */
#include <errno.h>

#include "qcow2.h"
#include "vt-runtime/error.h"

/* The new L1 table is complete on stable storage before the header refers to it. */
static int
move_l1(VtQcow2 *self, VtBlockRequest *task, uint64_t n)
{
    uint64_t cluster = (uint64_t)self->cluster_size, clusters = (n * 8 + cluster - 1) / cluster;
    uint64_t old_offset = self->l1.offset, old_size = vt_qcow2_up(self, self->l1.n * 8);
    uint8_t header[12];
    VtQcow2Array larger;
    uint64_t offset;
    int failure;

    if (!vt_qcow2_array_init(&larger, clusters * cluster / 8, 0)) {
        return -ENOMEM;
    }
    failure = vt_qcow2_allocate(self, task, &clusters, true, &offset);
    if (!failure) {
        vt_qcow2_take_virgin(self, offset, clusters * cluster);
        failure = vt_qcow2_store(self, task, true);
    }
    memcpy(larger.entries, self->l1.entries, self->l1.n * 8);
    larger.offset = offset;
    header[0] = (uint8_t)(n >> 24);
    header[1] = (uint8_t)(n >> 16);
    header[2] = (uint8_t)(n >> 8);
    header[3] = (uint8_t)n;
    vt_qcow2_put64(header + 4, offset);
    if (!failure) {
        failure = vt_qcow2_array_write(self, task, &larger);
    }
    if (!failure) {
        failure = vt_qcow2_flush_files(self, task);
    }
    if (!failure) {
        failure = vt_block_task_write(task, self->file, 36, header, sizeof(header));
    }
    if (failure) {
        vt_qcow2_array_clear(&larger);
        return failure;
    }
    larger.n = n;
    pthread_mutex_lock(&self->lock);
    vt_qcow2_array_clear(&self->l1);
    self->l1 = larger;
    pthread_mutex_unlock(&self->lock);
    vt_qcow2_free_later(self, old_offset, old_size, VT_QCOW2_OTHER);
    return vt_qcow2_flush_files(self, task);
}

static int
grow(VtQcow2 *self, VtBlockRequest *task, int64_t length)
{
    uint64_t covered = (uint64_t)self->cluster_size << self->l2_bits;
    uint64_t n = ((uint64_t)length + covered - 1) / covered;
    uint8_t size[8];
    int failure = vt_qcow2_prepare(self, task);

    if (!failure && n > self->l1.n) {
        failure = n * 8 > VT_QCOW2_L1_MAX ? -EFBIG : move_l1(self, task, n);
    }
    vt_qcow2_put64(size, (uint64_t)length);
    if (!failure) {
        failure = vt_block_task_write(task, self->file, 24, size, sizeof(size));
    }
    return failure ? failure : vt_qcow2_flush_files(self, task);
}

static int
work(VtBlockRequest *task)
{
    VtBlockNode *node = ((void **)task->opaque)[0];
    int64_t length = *(int64_t *)((void **)task->opaque)[1], old, there;
    VtQcow2 *self = node->state;
    int failure = 0;

    old = atomic_load(&self->size);
    there = self->backing ? MIN(vt_block_node_length(self->backing), length) : 0;
    pthread_mutex_lock(&self->tables);
    failure = grow(self, task, length);
    if (!failure) {
        atomic_store(&self->size, length);
    }
    pthread_mutex_unlock(&self->tables);
    /* Data of the backing node beyond the old end must not appear. */
    if (!failure && there > old) {
        failure = vt_qcow2_zero(self, task, old, there - old, true);
    }
    if (!failure) {
        atomic_store(&node->length, length);
    }
    return failure;
}

bool
vt_qcow2_resize(VtBlockNode *node, int64_t length, GError **error)
{
    VtQcow2 *self = node->state;
    int64_t old = vt_block_node_length(node);
    void *arguments[] = {node, &length};
    int failure;

    if (length < old) {
        return vt_error_set(error,
                            "size: '%" G_GINT64_FORMAT "' is less than the length of the image, %" G_GINT64_FORMAT
                            "; a qcow2 image can only grow",
                            length, old);
    }
    if (self->raw_data && !vt_block_resize(self->data->object, length, error)) {
        return false;
    }
    failure = vt_block_task_run(node, work, arguments);
    return !failure || vt_error_set(error, "size: the image cannot grow to '%" G_GINT64_FORMAT "': %s", length,
                                    g_strerror(-failure));
}
