/* SPDX-License-Identifier: MIT */
/*
 * null-co: a node of a given size that stores nothing.
 */
#include <string.h>

#include "loop.h"
#include "serve.h"
#include "vt-runtime/error.h"

static bool
validate(VtObject *object, GError **error)
{
    const VtBlockdevNullCo *config = vt_object_config(object);

    if (config->latency_ns > INT64_MAX / 2) {
        return vt_error_set(error, "latency-ns: %" G_GUINT64_FORMAT " exceeds the range of the clock",
                            config->latency_ns);
    }
    return true;
}

static void
submit(VtBlockNode *node, VtBlockRequest *request)
{
    const VtBlockdevNullCo *config = vt_object_config(node->object);

    if (request->op == VT_BLOCK_READ && config->read_zeroes) {
        for (size_t i = 0; i < request->n_iov; i++) {
            memset(request->iov[i].iov_base, 0, request->iov[i].iov_len);
        }
    }
    if (request->op == VT_BLOCK_STATUS) {
        *request->status = (VtBlockStatus){
            .size = request->size, .data = !config->read_zeroes, .zero = config->read_zeroes, .depth = 1};
    }
    request->result = 0;
    request->resume = vt_block_answer;
    if (config->latency_ns) {
        request->deadline_ns = vt_block_now_ns() + (int64_t)config->latency_ns;
        vt_block_loop_delay(request);
    } else {
        vt_block_loop_defer(request);
    }
}

static const VtBlockDriver driver = {.submit = submit};

static bool
realize(VtObject *object, GError **error)
{
    const VtBlockdevNullCo *config = vt_object_config(object);
    VtBlockNode *node = vt_block_node(object);

    (void)error;
    node->driver = &driver;
    node->length = config->size / VT_BLOCK_SECTOR * VT_BLOCK_SECTOR;
    node->filename = g_strdup("null-co://");
    return true;
}

const VtOps vt_ops_blockdev_null_co = {.validate = validate, .realize = realize, .serve = &vt_block_serve};
