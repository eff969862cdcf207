/* SPDX-License-Identifier: MIT */
/*
 * qcow2: the class, and requests in the thread of their loop.
 */
#include "qcow2.h"

#include <errno.h>
#include <stdatomic.h>

#include "vt-runtime/error.h"
#include "vt-runtime/object.h"

#define EXTENTS_MAX 16 /* of a request that needs no task */

/* ---- requests ------------------------------------------------------------------------------------------- */

/* Maps the request.  Returns the number of extents; 0: it needs a task. */
static size_t
map(VtQcow2 *self, VtBlockRequest *request, VtQcow2Extent *extents)
{
    bool writes = request->op == VT_BLOCK_WRITE;
    size_t n = 0;

    pthread_mutex_lock(&self->lock);
    for (int64_t at = 0; at < request->size; at += extents[n++].size) {
        VtQcow2Extent *extent = &extents[n];

        if (n == EXTENTS_MAX ||
            vt_qcow2_map(self, request->offset + at, request->size - at, extent) != VT_QCOW2_FOUND ||
            extent->kind == VT_QCOW2_DEFLATED || (writes && (extent->kind != VT_QCOW2_DATA || !extent->writable)) ||
            (writes && self->data == self->file &&
             vt_qcow2_overlaps(self, (uint64_t)extent->host, (uint64_t)extent->size))) {
            n = 0;
            break;
        }
    }
    if (n) {
        request->way[request->depth].mark = vt_qcow2_enter(self);
    }
    pthread_mutex_unlock(&self->lock);
    return n;
}

/* A part of a read. */
static void
read_part(VtQcow2 *self, VtBlockRequest *request, const VtQcow2Extent *extent, int64_t at)
{
    int64_t offset = request->offset + at, there = 0;

    if (extent->kind == VT_QCOW2_DATA) {
        vt_block_part(request, self->data, extent->host, at, extent->size);
        return;
    }
    if (extent->kind == VT_QCOW2_HOLE && self->backing) {
        there = CLAMP(vt_block_node_length(self->backing) - offset, 0, extent->size);
    }
    if (there) {
        vt_block_part(request, self->backing, offset, at, there);
    }
    if (there < extent->size) {
        vt_block_clear(request, at + there, extent->size - there);
    }
}

static void
transfer(VtQcow2 *self, VtBlockRequest *request)
{
    VtQcow2Extent extents[EXTENTS_MAX];
    bool writes = request->op == VT_BLOCK_WRITE;
    size_t n = writes && (!self->prepared || (request->flags & VT_BLOCK_FUA && self->changed))
                   ? 0
                   : map(self, request, extents);

    if (!n) {
        vt_block_task_start(request, writes ? vt_qcow2_write_task : vt_qcow2_read_task);
        return;
    }
    if (n == 1 && extents[0].kind == VT_QCOW2_DATA) {
        request->flags |= writes ? VT_BLOCK_GROW : 0;
        vt_block_forward_to(request, self->data, extents[0].host);
        return;
    }
    request->flags |= writes ? VT_BLOCK_GROW : 0;
    vt_block_parts_begin(request);
    for (size_t i = 0, at = 0; i < n; at += (size_t)extents[i++].size) {
        read_part(self, request, &extents[i], (int64_t)at);
    }
    vt_block_parts_end(request);
}

static void
submit(VtBlockNode *node, VtBlockRequest *request)
{
    VtQcow2 *self = node->state;

    switch (request->op) {
    case VT_BLOCK_READ:
    case VT_BLOCK_WRITE:
        transfer(self, request);
        break;
    case VT_BLOCK_FLUSH:
        if (self->changed || self->data != self->file) {
            vt_block_task_start(request, vt_qcow2_flush_task);
        } else {
            vt_block_forward_to(request, self->file, 0);
        }
        break;
    case VT_BLOCK_STATUS:
        vt_qcow2_status(self, request);
        break;
    case VT_BLOCK_DISCARD:
        vt_block_task_start(request, vt_qcow2_discard_task);
        break;
    default:
        vt_block_task_start(request, vt_qcow2_zeroes_task);
        break;
    }
}

static int
answered(VtBlockNode *node, VtBlockRequest *request, int result)
{
    VtQcow2 *self = node->state;

    for (unsigned i = 0; i <= request->depth; i++) {
        if (request->way[i].node == node && request->way[i].mark) {
            pthread_mutex_lock(&self->lock);
            vt_qcow2_leave(self, request->way[i].mark);
            pthread_mutex_unlock(&self->lock);
            request->way[i].mark = 0;
        }
        /* The backing node has answered. */
        if (request->op == VT_BLOCK_STATUS && request->way[i].node == node && i < request->depth) {
            request->status->depth += request->status->depth > 0;
        }
    }
    return result;
}

/* ---- end ------------------------------------------------------------------------------------------------ */

static int
finish_work(VtBlockRequest *task)
{
    VtQcow2 *self = task->opaque;
    int failure;

    pthread_mutex_lock(&self->tables);
    failure = vt_qcow2_finish(self, task);
    pthread_mutex_unlock(&self->tables);
    return failure;
}

static void
retire(VtBlockNode *node)
{
    VtQcow2 *self = node->state;

    if (self->prepared) {
        vt_block_task_run(node, finish_work, self);
    }
}

static const VtBlockDriver driver = {
    .submit = submit,
    .answered = answered,
    .resize = vt_qcow2_resize,
    .retire = retire,
    .describe = vt_qcow2_describe,
};

/* ---- class ---------------------------------------------------------------------------------------------- */

const VtOps vt_ops_blockdev_qcow2;

static VtQcow2 *
qcow2_of(VtObject *object)
{
    return vt_object_state(object, &vt_ops_blockdev_qcow2);
}

static gboolean
clean(gpointer opaque)
{
    VtQcow2 *self = opaque;
    int64_t seconds = self->config->cache_clean_interval;

    if (pthread_mutex_trylock(&self->tables) == 0) {
        pthread_mutex_lock(&self->lock);
        vt_qcow2_cache_clean(&self->l2, seconds);
        pthread_mutex_unlock(&self->lock);
        vt_qcow2_cache_clean(&self->blocks, seconds);
        pthread_mutex_unlock(&self->tables);
    }
    return G_SOURCE_CONTINUE;
}

static void
release(VtQcow2 *self)
{
    if (self->cleaner) {
        g_source_remove(self->cleaner);
    }
    vt_qcow2_chain_close(self);
    vt_qcow2_array_clear(&self->l1);
    vt_qcow2_array_clear(&self->refcounts);
    if (self->l2.tables) {
        vt_qcow2_cache_clear(&self->l2);
        vt_qcow2_cache_clear(&self->blocks);
    }
    vt_qcow2_header_clear(&self->header);
    g_array_unref(self->snapshots);
    g_array_unref(self->fresh);
    g_array_unref(self->written);
    g_array_unref(self->durable);
    pthread_mutex_destroy(&self->lock);
    pthread_mutex_destroy(&self->tables);
    pthread_cond_destroy(&self->landed);
}

/* Whether a file grows by zeroes. */
static bool
grows_zero(const VtBlockNode *node)
{
    while (node->child) {
        node = node->child;
    }
    return vt_object_is_a(node->object, "blockdev-file") && !vt_object_is_a(node->object, "blockdev-host-device");
}

static void
clear_snapshot(gpointer data)
{
    VtQcow2Snapshot *snapshot = data;

    g_free(snapshot->id);
    g_free(snapshot->name);
}

static void
init(VtQcow2 *self, VtObject *object)
{
    *self = (VtQcow2){.object = object, .config = vt_object_config(object), .node = vt_block_node(object)};
    pthread_mutex_init(&self->lock, NULL);
    pthread_mutex_init(&self->tables, NULL);
    pthread_cond_init(&self->landed, NULL);
    self->epoch = 2;
    self->snapshots = g_array_new(FALSE, FALSE, sizeof(VtQcow2Snapshot));
    g_array_set_clear_func(self->snapshots, clear_snapshot);
    self->fresh = g_array_new(FALSE, FALSE, sizeof(VtQcow2Free));
    self->written = g_array_new(FALSE, FALSE, sizeof(VtQcow2Free));
    self->durable = g_array_new(FALSE, FALSE, sizeof(VtQcow2Free));
}

static bool
realize(VtObject *object, GError **error)
{
    VtQcow2 *self = qcow2_of(object);
    VtBlockNode *node = vt_block_node(object);

    init(self, object);
    if (!vt_block_node_stack(node, self->config->parent.parent.file.target, &driver, self, error)) {
        release(self);
        return false;
    }
    self->file = self->data = node->child;
    self->grows_zero = grows_zero(node->child);
    self->discards =
        vt_object_has(object, "pass-discard-request") ? self->config->pass_discard_request : node->discards;
    if (!vt_qcow2_open(self, error) || !vt_qcow2_chain_open(self, error)) {
        release(self);
        node->driver = NULL;
        return false;
    }
    node->fixed = true;
    node->length = self->size;
    if (self->config->cache_clean_interval) {
        self->cleaner = g_timeout_add_seconds((guint)self->config->cache_clean_interval, clean, self);
    }
    return true;
}

static void
unrealize(VtObject *object)
{
    VtQcow2 *self = qcow2_of(object);

    retire(self->node);
    release(self);
}

/* Users of the image also claim the file and the data file.  No user may write to the backing node. */
static bool
pass(VtObject *object, GError **error)
{
    static const VtClaim reader = {.merge = -1, .dump = -1, .read_only = true};
    const VtBlockdevQcow2 *config = vt_object_config(object);
    const VtRef *backing = vt_block_node(object)->driver ? vt_qcow2_backing_ref(qcow2_of(object)) : NULL;
    VtClaim claim;

    if (!vt_block_node_pass_claims(object, &config->parent.parent.file, error) ||
        (config->data_file.target && !vt_block_node_pass_claims(object, &config->data_file, error))) {
        return false;
    }
    return !backing || !vt_backend_claims(object, &claim) || vt_backend_claim(object, backing, &reader, error);
}

static bool
claim(VtObject *object, const VtClaim *claim, GError **error)
{
    (void)claim;
    return pass(object, error);
}

static void
released(VtObject *object)
{
    g_autoptr(GError) error = NULL;

    /* A release never asks for more than before, so it cannot fail. */
    pass(object, &error);
}

const VtOps vt_ops_blockdev_qcow2 = {
    .state_size = sizeof(VtQcow2),
    .realize = realize,
    .unrealize = unrealize,
    .claim = claim,
    .released = released,
};
