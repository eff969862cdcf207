/* SPDX-License-Identifier: MIT */
/*
 * Users of block nodes: open, submit, drain.
 */
#include <errno.h>
#include <stdatomic.h>

#include "loop.h"
#include "node.h"
#include "vt-runtime/error.h"
#include "vt-runtime/iovec.h"
#include "vt-runtime/main-thread.h"

struct VtBlock {
    VtBlockNode *node;
    VtBlockLoop *loop;
    VtHolder *holder, *thread_holder; /* NULL: none */
    bool read_only;
    pthread_mutex_t lock;
    size_t in_flight;     /* protected by the lock */
    VtBlockLoop *drainer; /* the loop that drains, protected by the lock; NULL: none */
};

/* ---- open ---------------------------------------------------------------------------------------------- */

static VtHolder *
hold_thread(const VtBlockUser *user, GError **error)
{
    static const VtClaim claim = {.merge = -1, .dump = -1, .read_only = true, .share = true};

    return vt_backend_hold(user->iothread, user->title, &claim, error);
}

static bool
hold(VtBlock *block, const VtBlockUser *user, GError **error)
{
    const VtClaim claim = {
        .merge = -1, .dump = -1, .read_only = user->read_only, .share = user->share, .serves = user->serves};

    if (user->device) {
        return true;
    }
    if (block->node->read_only && !user->read_only) {
        return vt_error_set(error, "block-node '%s' is read-only", vt_object_display(block->node->object));
    }
    block->holder = vt_backend_hold(block->node->object, user->title, &claim, error);
    if (!block->holder) {
        return false;
    }
    if (user->iothread) {
        block->thread_holder = hold_thread(user, error);
    }
    return !user->iothread || block->thread_holder;
}

static void
destroy(VtBlock *block)
{
    if (block->loop) {
        vt_block_loop_put(block->loop);
    }
    g_clear_pointer(&block->holder, vt_backend_let_go);
    g_clear_pointer(&block->thread_holder, vt_backend_let_go);
    pthread_mutex_destroy(&block->lock);
    g_free(block);
}

VtBlock *
vt_block_open(VtObject *node, const VtBlockUser *user, GError **error)
{
    VtBlock *block = g_new0(VtBlock, 1);

    vt_assert_main();
    block->node = vt_block_node(node);
    g_assert(block->node->driver);
    pthread_mutex_init(&block->lock, NULL);
    if (!hold(block, user, error)) {
        destroy(block);
        return NULL;
    }
    block->loop = vt_block_loop_get(user->iothread);
    if (!vt_block_loop_require_all(block->loop, block->node, error)) {
        destroy(block);
        return NULL;
    }
    block->read_only = user->read_only || block->node->read_only;
    block->node->n_open++;
    return block;
}

static void
completed(VtBlockRequest *request, int result)
{
    VtBlock *block = request->block;
    VtBlockFunc func = request->func;
    void *opaque = request->opaque;

    if (request->node) {
        vt_block_count(request, result);
    }
    vt_block_loop_free_request(request);
    func(opaque, result);
    pthread_mutex_lock(&block->lock);
    if (--block->in_flight == 0 && block->drainer) {
        vt_block_loop_wake(block->drainer);
    }
    pthread_mutex_unlock(&block->lock);
}

/* Returns whether a request is in flight.  If so, the last completion wakes @drainer. */
static bool
busy(VtBlock *block, VtBlockLoop *drainer)
{
    bool busy;

    pthread_mutex_lock(&block->lock);
    busy = block->in_flight > 0;
    block->drainer = busy ? drainer : NULL;
    pthread_mutex_unlock(&block->lock);
    return busy;
}

static void
flush_waiting(VtBlockNode *node, VtBlock *block, bool cancel)
{
    if (node->driver->flush_waiting) {
        node->driver->flush_waiting(node, block, cancel);
    }
    if (node->child) {
        flush_waiting(node->child, block, cancel);
    }
    for (unsigned i = 0; i < node->n_others; i++) {
        flush_waiting(node->others[i].node, block, cancel);
    }
}

static void
retire(VtBlockNode *node)
{
    if (node->driver->retire) {
        node->driver->retire(node);
    }
    if (node->child) {
        retire(node->child);
    }
    for (unsigned i = 0; i < node->n_others; i++) {
        retire(node->others[i].node);
    }
}

static void
settle(VtBlock *block, bool cancel)
{
    VtBlockLoop *loop;

    vt_assert_main();
    flush_waiting(block->node, block, cancel);
    /* Iterates the main loop: a request of an I/O thread may wait for the range of a request that ends here. */
    loop = vt_block_loop_get(NULL);
    while (busy(block, loop)) {
        vt_block_loop_iterate(loop);
    }
    vt_block_loop_put(loop);
}

void
vt_block_drain(VtBlock *block)
{
    settle(block, false);
}

void
vt_block_close(VtBlock *block)
{
    if (!block) {
        return;
    }
    settle(block, true);
    retire(block->node);
    block->node->n_open--;
    destroy(block);
}

int64_t
vt_block_length(const VtBlock *block)
{
    return vt_block_node_length(block->node);
}

bool
vt_block_read_only(const VtBlock *block)
{
    return block->read_only;
}

size_t
vt_block_alignment(const VtBlock *block)
{
    return block->node->alignment;
}

/* ---- submit -------------------------------------------------------------------------------------------- */

static VtBlockRequest *
new_request(VtBlock *block, VtBlockOp op, VtBlockFunc func, void *opaque)
{
    VtBlockRequest *request = vt_block_loop_new_request(block->loop);

    request->block = block;
    request->op = op;
    request->completed = completed;
    request->func = func;
    request->opaque = opaque;
    pthread_mutex_lock(&block->lock);
    block->in_flight++;
    pthread_mutex_unlock(&block->lock);
    return request;
}

static int
check(const VtBlock *block, const VtBlockRequest *request)
{
    bool changes = request->op != VT_BLOCK_READ && request->op != VT_BLOCK_FLUSH && request->op != VT_BLOCK_STATUS;

    if (changes && block->read_only) {
        return -EPERM;
    }
    if (request->offset < 0 || request->size < 0 || request->size > vt_block_length(block) ||
        request->offset > vt_block_length(block) - request->size) {
        return -EIO;
    }
    if (request->n_iov && request->size > VT_BLOCK_REQUEST_MAX) {
        return -EIO;
    }
    return 0;
}

static void
start(VtBlock *block, VtBlockRequest *request)
{
    request->result = check(block, request);
    if (request->result) {
        atomic_fetch_add(&block->node->counts[request->op].invalid, 1);
    }
    if (request->result || (!request->size && request->op != VT_BLOCK_FLUSH)) {
        request->resume = vt_block_answer;
        vt_block_loop_defer(request);
    } else {
        vt_block_submit(block->node, request);
    }
}

static void
transfer(VtBlock *block, VtBlockOp op, int64_t offset, const struct iovec *iov, size_t n, unsigned flags,
         VtBlockFunc func, void *opaque)
{
    VtBlockRequest *request = new_request(block, op, func, opaque);

    request->offset = offset;
    request->iov = iov;
    request->n_iov = n;
    request->flags = flags;
    for (size_t i = 0; i < n; i++) {
        if (iov[i].iov_len > (size_t)(INT64_MAX - request->size)) {
            request->size = -1;
            break;
        }
        request->size += (int64_t)iov[i].iov_len;
    }
    start(block, request);
}

static void
transfer_single(VtBlock *block, VtBlockOp op, int64_t offset, struct iovec single, unsigned flags, VtBlockFunc func,
                void *opaque)
{
    VtBlockRequest *request = new_request(block, op, func, opaque);

    request->offset = offset;
    request->size = single.iov_len > INT64_MAX ? -1 : (int64_t)single.iov_len;
    request->single = single;
    request->iov = &request->single;
    request->n_iov = 1;
    request->flags = flags;
    start(block, request);
}

void
vt_block_readv(VtBlock *block, int64_t offset, const struct iovec *iov, size_t n, VtBlockFunc func, void *opaque)
{
    transfer(block, VT_BLOCK_READ, offset, iov, n, 0, func, opaque);
}

void
vt_block_writev(VtBlock *block, int64_t offset, const struct iovec *iov, size_t n, unsigned flags, VtBlockFunc func,
                void *opaque)
{
    transfer(block, VT_BLOCK_WRITE, offset, iov, n, flags & VT_BLOCK_FUA, func, opaque);
}

void
vt_block_read(VtBlock *block, int64_t offset, void *data, size_t size, VtBlockFunc func, void *opaque)
{
    transfer_single(block, VT_BLOCK_READ, offset, (struct iovec){data, size}, 0, func, opaque);
}

void
vt_block_write(VtBlock *block, int64_t offset, const void *data, size_t size, unsigned flags, VtBlockFunc func,
               void *opaque)
{
    transfer_single(block, VT_BLOCK_WRITE, offset, vt_iovec(data, size), flags & VT_BLOCK_FUA, func, opaque);
}

static void
command(VtBlock *block, VtBlockOp op, int64_t offset, int64_t size, unsigned flags, VtBlockFunc func, void *opaque)
{
    VtBlockRequest *request = new_request(block, op, func, opaque);

    request->offset = offset;
    request->size = size;
    request->flags = flags;
    start(block, request);
}

void
vt_block_flush(VtBlock *block, VtBlockFunc func, void *opaque)
{
    command(block, VT_BLOCK_FLUSH, 0, 0, 0, func, opaque);
}

void
vt_block_discard(VtBlock *block, int64_t offset, int64_t size, VtBlockFunc func, void *opaque)
{
    command(block, VT_BLOCK_DISCARD, offset, size, 0, func, opaque);
}

void
vt_block_write_zeroes(VtBlock *block, int64_t offset, int64_t size, unsigned flags, VtBlockFunc func, void *opaque)
{
    command(block, VT_BLOCK_ZEROES, offset, size, flags, func, opaque);
}

void
vt_block_status(VtBlock *block, int64_t offset, int64_t size, VtBlockStatus *ret, VtBlockFunc func, void *opaque)
{
    VtBlockRequest *request = new_request(block, VT_BLOCK_STATUS, func, opaque);

    *ret = (VtBlockStatus){.size = 0};
    request->offset = offset;
    request->size = size;
    request->status = ret;
    start(block, request);
}
