/* SPDX-License-Identifier: MIT */
/*
 * throttle: forwards requests within the limits of its group.
 */
#include "throttle-queue.h"
#include "serve.h"
#include "vt-runtime/error.h"

static void
submit(VtBlockNode *node, VtBlockRequest *request)
{
    if (request->op == VT_BLOCK_FLUSH || request->op == VT_BLOCK_STATUS || vt_throttle_admit(node->state, request)) {
        vt_block_forward(request);
    }
}

static void
flush_waiting(VtBlockNode *node, VtBlock *block, bool cancel)
{
    vt_throttle_let_go(node->state, block, cancel);
}

static const VtBlockDriver driver = {.submit = submit, .flush_waiting = flush_waiting};

static bool
realize(VtObject *object, GError **error)
{
    const VtBlockdevThrottle *config = vt_object_config(object);
    VtBlockNode *node = vt_block_node(object);

    if (!vt_block_node_stack(node, config->parent.file.target, &driver, NULL, error)) {
        return false;
    }
    node->state = vt_throttle_member_new(vt_throttle_group_queue(config->throttle_group.target));
    return true;
}

static void
unrealize(VtObject *object)
{
    vt_throttle_member_free(vt_block_node(object)->state);
}

static bool
claim(VtObject *object, const VtClaim *claim, GError **error)
{
    const VtBlockdevThrottle *config = vt_object_config(object);

    (void)claim;
    return vt_block_node_pass_claims(object, &config->parent.file, error);
}

static void
released(VtObject *object)
{
    const VtBlockdevThrottle *config = vt_object_config(object);
    g_autoptr(GError) error = NULL;

    /* A release never asks for more than before, so it cannot fail. */
    vt_block_node_pass_claims(object, &config->parent.file, &error);
}

const VtOps vt_ops_blockdev_throttle = {
    .realize = realize,
    .unrealize = unrealize,
    .claim = claim,
    .released = released,
    .serve = &vt_block_serve,
};
