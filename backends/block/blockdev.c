/* SPDX-License-Identifier: MIT */
/*
 * blockdev: the nodes, and how a request passes down through them.
 */
#include <errno.h>
#include <stdatomic.h>
#include <string.h>

#include "loop.h"
#include "node.h"
#include "vt-runtime/error.h"
#include "vt-runtime/main-thread.h"

const VtOps vt_ops_blockdev;

/* ---- nodes --------------------------------------------------------------------------------------------- */

static bool
validate(VtObject *object, GError **error)
{
    const VtBlockdev *config = vt_object_config(object);

    if (config->detect_zeroes == VT_BLOCKDEV_DETECT_ZEROES_OPTIONS_UNMAP &&
        config->discard != VT_BLOCKDEV_DISCARD_OPTIONS_UNMAP) {
        return vt_error_set(error, "detect-zeroes: 'unmap' requires discard=unmap");
    }
    if (config->force_share && !config->read_only) {
        return vt_error_set(error, "force-share: requires read-only=on");
    }
    return true;
}

static bool
realize(VtObject *object, GError **error)
{
    const VtBlockdev *config = vt_object_config(object);
    VtBlockNode *node = vt_block_node(object);

    (void)error;
    memset(node, 0, sizeof(*node));
    node->object = object;
    node->read_only = config->read_only;
    node->discards = config->discard == VT_BLOCKDEV_DISCARD_OPTIONS_UNMAP;
    node->no_flush = config->cache.no_flush;
    node->direct = config->cache.direct;
    node->detect_zeroes = config->detect_zeroes;
    node->alignment = 1;
    return true;
}

static void
unrealize(VtObject *object)
{
    VtBlockNode *node = vt_block_node(object);

    g_assert(!node->n_open);
    g_clear_pointer(&node->filename, g_free);
    node->driver = NULL;
}

const VtOps vt_ops_blockdev = {
    .state_size = sizeof(VtBlockNode),
    .validate = validate,
    .realize = realize,
    .unrealize = unrealize,
};

VtBlockNode *
vt_block_node(VtObject *blockdev)
{
    return vt_object_state(blockdev, &vt_ops_blockdev);
}

static unsigned
height(const VtBlockNode *node)
{
    unsigned most = node->child ? height(node->child) : 0;

    for (unsigned i = 0; i < node->n_others; i++) {
        most = MAX(most, height(node->others[i].node));
    }
    return most + 1;
}

static bool
check_height(VtObject *child, const char *name, GError **error)
{
    unsigned below = height(vt_block_node(child)) - 1;

    return below + 2 <= VT_BLOCK_DEPTH_MAX ||
           vt_error_set(error, "%s: block node '%s' has %u nodes below it; expected a stack of at most %d nodes", name,
                        vt_object_display(child), below, VT_BLOCK_DEPTH_MAX);
}

bool
vt_block_node_add(VtBlockNode *node, VtObject *child, const char *name, GError **error)
{
    if (!check_height(child, name, error)) {
        return false;
    }
    g_assert(node->n_others < VT_BLOCK_OTHERS_MAX);
    node->others[node->n_others++] = (VtBlockChild){vt_block_node(child), name};
    return true;
}

VtBlockNode *
vt_block_node_other(const VtBlockNode *node, const char *name)
{
    for (unsigned i = 0; i < node->n_others; i++) {
        if (strcmp(node->others[i].name, name) == 0) {
            return node->others[i].node;
        }
    }
    return NULL;
}

bool
vt_block_node_stack(VtBlockNode *node, VtObject *child, const VtBlockDriver *driver, void *state, GError **error)
{
    if (!check_height(child, "file", error)) {
        return false;
    }
    node->child = vt_block_node(child);
    node->driver = driver;
    node->state = state;
    node->read_only |= node->child->read_only;
    node->alignment = node->child->alignment;
    node->engine = node->child->engine;
    node->max_batch = node->child->max_batch;
    node->filename = g_strdup(node->child->filename);
    return true;
}

int64_t
vt_block_node_length(const VtBlockNode *node)
{
    int64_t length;

    if (!node->child || node->fixed) {
        return atomic_load(node->image_length ? node->image_length : &node->length);
    }
    length = vt_block_node_length(node->child) - node->shift;
    return MAX(length, 0);
}

bool
vt_block_resize(VtObject *object, int64_t length, GError **error)
{
    VtBlockNode *node = vt_block_node(object);

    vt_assert_main();
    if (node->read_only) {
        return vt_error_set(error, "block-node '%s' is read-only", vt_object_display(object));
    }
    if (length < 0 || length % VT_BLOCK_SECTOR) {
        return vt_error_set(error, "size: '%" G_GINT64_FORMAT "' is not a length; expected a multiple of %d bytes",
                            length, VT_BLOCK_SECTOR);
    }
    for (int64_t shift = 0; node; node = node->child) {
        if (node->driver->resize) {
            return node->driver->resize(node, length + shift, error);
        }
        if (!node->child || node->fixed) {
            break;
        }
        shift += node->shift;
    }
    return vt_error_set(error, "block-node '%s' has a fixed length", vt_object_display(object));
}

/* ---- claims -------------------------------------------------------------------------------------------- */

bool
vt_block_node_pass_claims(VtObject *blockdev, const VtRef *child, GError **error)
{
    VtClaim claim;

    return !vt_backend_claims(blockdev, &claim) || vt_backend_claim(blockdev, child, &claim, error);
}

/* ---- requests ------------------------------------------------------------------------------------------ */

static bool
is_zero(const VtBlockRequest *request)
{
    for (size_t i = 0; i < request->n_iov; i++) {
        const char *data = request->iov[i].iov_base;
        size_t size = request->iov[i].iov_len;

        /* All bytes are zero if the first is, and each equals the one before it. */
        if (size && (data[0] || memcmp(data, data + 1, size - 1) != 0)) {
            return false;
        }
    }
    return true;
}

static void
detect_zeroes(const VtBlockNode *node, VtBlockRequest *request)
{
    if (!is_zero(request)) {
        return;
    }
    request->op = VT_BLOCK_ZEROES;
    if (node->detect_zeroes == VT_BLOCKDEV_DETECT_ZEROES_OPTIONS_UNMAP) {
        request->flags |= VT_BLOCK_MAY_UNMAP;
    }
}

void
vt_block_submit(VtBlockNode *node, VtBlockRequest *request)
{
    request->node = node;
    request->way[request->depth].node = node;
    request->way[request->depth].offset = request->offset;
    request->way[request->depth].entered_ns = vt_block_now_ns();
    request->way[request->depth].mark = 0;
    if (request->op == VT_BLOCK_WRITE && node->detect_zeroes != VT_BLOCKDEV_DETECT_ZEROES_OPTIONS_OFF) {
        detect_zeroes(node, request);
    }
    if (!node->discards) {
        if (request->op == VT_BLOCK_DISCARD) {
            request->result = 0;
            request->resume = vt_block_answer;
            vt_block_loop_defer(request);
            return;
        }
        request->flags &= ~(unsigned)VT_BLOCK_MAY_UNMAP;
    }
    if (node->fixed && (request->flags & VT_BLOCK_GROW) &&
        request->offset > vt_block_node_length(node) - request->size) {
        request->result = -ENOSPC;
        request->resume = vt_block_answer;
        vt_block_loop_defer(request);
        return;
    }
    node->driver->submit(node, request);
}

void
vt_block_forward(VtBlockRequest *request)
{
    vt_block_forward_to(request, request->node->child, request->offset + request->node->shift);
}

void
vt_block_forward_to(VtBlockRequest *request, VtBlockNode *child, int64_t offset)
{
    request->offset = offset;
    request->depth++;
    vt_block_submit(child, request);
}
