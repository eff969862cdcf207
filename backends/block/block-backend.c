/* SPDX-License-Identifier: MIT */
/*
 * block-backend: the drive of '-drive'.  It shows the node of its medium; without one, requests fail.  Its limits are
 * those of its guest, which does not run in this process.
 */
#include <errno.h>

#include "node.h"
#include "vt-runtime/error.h"

static void
submit(VtBlockNode *node, VtBlockRequest *request)
{
    if (node->child) {
        vt_block_forward(request);
    } else {
        vt_block_complete(request, -ENOMEDIUM);
    }
}

static const VtBlockDriver driver = {.submit = submit};

/* What this process cannot do for the drive. */
static bool
check(const VtBlockBackend *config, GError **error)
{
    if (config->detect_format) {
        return vt_error_set(error, "the format of an image is not detected without an engine; set format=raw");
    }
    if (config->snapshot) {
        return vt_error_set(error, "snapshot=on requires an engine");
    }
    return true;
}

static bool
realize(VtObject *object, GError **error)
{
    const VtBlockBackend *config = vt_object_config(object);
    VtBlockNode *node = vt_block_node(object);

    if (!check(config, error)) {
        return false;
    }
    if (config->root.target) {
        return vt_block_node_stack(node, config->root.target, &driver, NULL, error);
    }
    node->driver = &driver;
    return true;
}

static bool
claim(VtObject *object, const VtClaim *claim, GError **error)
{
    const VtBlockBackend *config = vt_object_config(object);

    (void)claim;
    return !config->root.target || vt_block_node_pass_claims(object, &config->root, error);
}

static void
released(VtObject *object)
{
    g_autoptr(GError) error = NULL;

    /* A release never asks for more than before, so it cannot fail. */
    claim(object, NULL, &error);
}

/* The limits are read where they are shown. */
static bool
set(VtObject *object, const VtProp *prop, GError **error)
{
    (void)object, (void)prop, (void)error;
    return true;
}

const VtOps vt_ops_block_backend = {
    .set = set,
    .realize = realize,
    .claim = claim,
    .released = released,
};
