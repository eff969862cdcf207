/* SPDX-License-Identifier: MIT */
/*
 * Flushes, and the end of writing.
 */
#include "qcow2.h"

int
vt_qcow2_finish(VtQcow2 *self, VtBlockRequest *task)
{
    int failure = vt_qcow2_store_all(self, task, true);

    if (!failure) {
        failure = vt_qcow2_flush_files(self, task);
    }
    if (!failure) {
        failure = vt_qcow2_free_now(self, task);
    }
    if (!failure) {
        failure = vt_qcow2_store_refcounts(self, task);
    }
    if (!failure && vt_qcow2_is_lazy(self)) {
        failure = vt_qcow2_flush_files(self, task);
        if (!failure) {
            self->header.incompatible &= ~(uint64_t)VT_QCOW2_DIRTY;
            self->prepared = false;
            failure = vt_qcow2_store_features(self, task);
        }
    }
    return failure;
}

int
vt_qcow2_flush_task(VtBlockRequest *task)
{
    VtQcow2 *self = task->node->state;
    int failure;

    pthread_mutex_lock(&self->tables);
    failure = vt_qcow2_store(self, task, true);
    if (!failure && self->durable->len) {
        failure = vt_qcow2_free_now(self, task);
    }
    pthread_mutex_unlock(&self->tables);
    return failure;
}
