/* SPDX-License-Identifier: MIT */
/*
 * raw: a node that shows its child, or a window of it.
 */
#include "node.h"
#include "serve.h"
#include "vt-runtime/error.h"

static bool
validate(VtObject *object, GError **error)
{
    const VtBlockdevRaw *config = vt_object_config(object);

    if (config->size % VT_BLOCK_SECTOR) {
        return vt_error_set(error, "size: %" G_GINT64_FORMAT " is not a multiple of %d", config->size, VT_BLOCK_SECTOR);
    }
    if (config->size > G_MAXINT64 - config->offset) {
        return vt_error_set(
            error, "offset %" G_GINT64_FORMAT " plus size %" G_GINT64_FORMAT " exceeds the maximum length of a file",
            config->offset, config->size);
    }
    return true;
}

static void
submit(VtBlockNode *node, VtBlockRequest *request)
{
    (void)node;
    vt_block_forward(request);
}

static const VtBlockDriver driver = {.submit = submit};

static bool
realize(VtObject *object, GError **error)
{
    const VtBlockdevRaw *config = vt_object_config(object);
    VtBlockNode *node = vt_block_node(object);
    int64_t below;

    if (!vt_block_node_stack(node, config->parent.file.target, &driver, NULL, error)) {
        return false;
    }
    below = vt_block_node_length(node->child);
    if (config->offset > below) {
        return vt_error_set(error,
                            "offset: %" G_GINT64_FORMAT " exceeds the length of the child node, %" G_GINT64_FORMAT,
                            config->offset, below);
    }
    node->shift = config->offset;
    if (vt_object_has(object, "size")) {
        if (config->size > below - config->offset) {
            return vt_error_set(error,
                                "size: %" G_GINT64_FORMAT " from offset %" G_GINT64_FORMAT
                                " on exceeds the length of the child node, %" G_GINT64_FORMAT,
                                config->size, config->offset, below);
        }
        node->fixed = true;
        node->length = config->size;
    }
    return true;
}

/* A user of the window also claims the child. */
static bool
claim(VtObject *object, const VtClaim *claim, GError **error)
{
    const VtBlockdevRaw *config = vt_object_config(object);

    (void)claim;
    return vt_block_node_pass_claims(object, &config->parent.file, error);
}

static void
released(VtObject *object)
{
    const VtBlockdevRaw *config = vt_object_config(object);
    g_autoptr(GError) error = NULL;

    /* A release never asks for more than before, so it cannot fail. */
    vt_block_node_pass_claims(object, &config->parent.file, &error);
}

const VtOps vt_ops_blockdev_raw = {
    .validate = validate,
    .realize = realize,
    .claim = claim,
    .released = released,
    .serve = &vt_block_serve,
};
