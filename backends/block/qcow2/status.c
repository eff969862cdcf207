/* SPDX-License-Identifier: MIT */
/*
 * What a range of the guest's disk is: data, zeroes, or a hole that the backing node fills.
 */
#include <errno.h>

#include "block/loop.h"
#include "qcow2.h"

/* The part of a hole that the backing node fills; it may be shorter than the image. */
static int64_t
covered(const VtQcow2 *self, int64_t offset, const VtQcow2Extent *extent)
{
    bool deep = extent->kind == VT_QCOW2_HOLE && self->backing;

    return deep ? CLAMP(vt_block_node_length(self->backing) - offset, 0, extent->size) : 0;
}

static void
report(const VtQcow2Extent *extent, VtBlockStatus *ret)
{
    bool data = extent->kind == VT_QCOW2_DATA || extent->kind == VT_QCOW2_DEFLATED;

    *ret = (VtBlockStatus){
        .size = extent->size, .data = data, .zero = !data, .depth = extent->kind == VT_QCOW2_HOLE ? 0 : 1};
}

static int
status_task(VtBlockRequest *task)
{
    VtQcow2 *self = task->node->state;
    VtQcow2Extent extent;
    int failure = vt_qcow2_find(self, task, task->offset, task->size, &extent);
    int64_t deep;

    if (failure) {
        return failure;
    }
    deep = covered(self, task->offset, &extent);
    if (!deep) {
        report(&extent, task->status);
        return 0;
    }
    failure = vt_block_task_status(task, self->backing, task->offset, deep, task->status);
    task->status->depth += task->status->depth > 0;
    return failure;
}

void
vt_qcow2_status(VtQcow2 *self, VtBlockRequest *request)
{
    VtQcow2Extent extent;
    VtQcow2Found found;
    int64_t deep;

    pthread_mutex_lock(&self->lock);
    found = vt_qcow2_map(self, request->offset, request->size, &extent);
    pthread_mutex_unlock(&self->lock);
    if (found == VT_QCOW2_MISSING) {
        vt_block_task_start(request, status_task);
        return;
    }
    deep = found == VT_QCOW2_FOUND ? covered(self, request->offset, &extent) : 0;
    if (deep) {
        request->size = deep;
        vt_block_forward_to(request, self->backing, request->offset);
        return;
    }
    request->result = found == VT_QCOW2_FOUND ? 0 : -EIO;
    if (!request->result) {
        report(&extent, request->status);
    }
    request->resume = vt_block_answer;
    vt_block_loop_defer(request);
}
