/* SPDX-License-Identifier: MIT */
/*
 * Reads in tasks: where tables are not cached, or clusters are compressed.
 */
#include <errno.h>
#include <string.h>

#include "qcow2.h"

/* Where the data goes: to buffers of a request, or to memory. */
typedef struct Target {
    const VtBlockRequest *request; /* NULL: @data */
    int64_t at;
    uint8_t *data;
} Target;

static void
clear(const Target *to, int64_t at, int64_t size)
{
    if (to->request) {
        vt_block_clear(to->request, to->at + at, size);
    } else {
        memset(to->data + at, 0, (size_t)size);
    }
}

static int
read_child(VtBlockRequest *task, VtBlockNode *child, int64_t offset, const Target *to, int64_t at, int64_t size)
{
    g_autofree struct iovec *slices = NULL;
    struct iovec single = {to->data + (to->request ? 0 : at), (size_t)size};
    size_t n = 1;

    if (to->request) {
        n = vt_block_slice(to->request, to->at + at, size, NULL);
        slices = g_new(struct iovec, n);
        vt_block_slice(to->request, to->at + at, size, slices);
    }
    return vt_block_task_vector(task, child, VT_BLOCK_READ, offset, slices ? slices : &single, n, 0);
}

/* The backing node may be shorter. */
static int
read_hole(VtQcow2 *self, VtBlockRequest *task, int64_t offset, const Target *to, int64_t at, int64_t size)
{
    int64_t length = self->backing ? vt_block_node_length(self->backing) : 0;
    int64_t there = CLAMP(length - offset, 0, size);
    int failure = there ? read_child(task, self->backing, offset, to, at, there) : 0;

    if (there < size) {
        clear(to, at + there, size - there);
    }
    return failure;
}

static int
read_deflated(VtQcow2 *self, VtBlockRequest *task, int64_t offset, const VtQcow2Extent *extent, const Target *to,
              int64_t at)
{
    uint64_t size, start = vt_qcow2_packed(self, extent->entry, &size);
    int64_t within = offset & (self->cluster_size - 1);
    g_autofree uint8_t *packed = g_try_malloc(size), *cluster = g_try_malloc((size_t)self->cluster_size);
    int failure;

    if (!packed || !cluster) {
        return -ENOMEM;
    }
    failure = vt_block_task_read(task, self->file, (int64_t)start, packed, (int64_t)size);
    if (!failure) {
        failure = vt_qcow2_inflate(self->header.compression, packed, (size_t)size, cluster, (size_t)self->cluster_size);
    }
    if (!failure && to->request) {
        vt_block_copy(to->request, to->at + at, cluster + within, extent->size, false);
    } else if (!failure) {
        memcpy(to->data + at, cluster + within, (size_t)extent->size);
    }
    return failure;
}

static int
read_to(VtQcow2 *self, VtBlockRequest *task, int64_t offset, const Target *to, int64_t size)
{
    int failure = 0;

    for (int64_t at = 0; at < size && !failure;) {
        VtQcow2Extent extent;

        failure = vt_qcow2_find(self, task, offset + at, size - at, &extent);
        if (failure) {
            break;
        }
        switch (extent.kind) {
        case VT_QCOW2_HOLE:
            failure = read_hole(self, task, offset + at, to, at, extent.size);
            break;
        case VT_QCOW2_ZEROES:
            clear(to, at, extent.size);
            break;
        case VT_QCOW2_DATA:
            failure = read_child(task, self->data, extent.host, to, at, extent.size);
            break;
        case VT_QCOW2_DEFLATED:
            failure = read_deflated(self, task, offset + at, &extent, to, at);
            break;
        }
        at += extent.size;
    }
    return failure;
}

static uint32_t
enter(VtQcow2 *self)
{
    uint32_t mark;

    pthread_mutex_lock(&self->lock);
    mark = vt_qcow2_enter(self);
    pthread_mutex_unlock(&self->lock);
    return mark;
}

static void
leave(VtQcow2 *self, uint32_t mark)
{
    pthread_mutex_lock(&self->lock);
    vt_qcow2_leave(self, mark);
    pthread_mutex_unlock(&self->lock);
}

int
vt_qcow2_read(VtQcow2 *self, VtBlockRequest *task, int64_t offset, void *data, int64_t size)
{
    /* The last cluster can extend beyond the end of the disk, but the L1 table covers it. */
    int64_t there = CLAMP(atomic_load(&self->size) - offset, 0, size);
    Target to = {.data = data};
    uint32_t mark = enter(self);
    int failure = read_to(self, task, offset, &to, there);

    leave(self, mark);
    memset((uint8_t *)data + there, 0, (size_t)(size - there));
    return failure;
}

int
vt_qcow2_read_task(VtBlockRequest *task)
{
    VtQcow2 *self = task->node->state;
    Target to = {.request = task};
    uint32_t mark = enter(self);
    int failure = read_to(self, task, task->offset, &to, task->size);

    leave(self, mark);
    return failure;
}
