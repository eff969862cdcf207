/* SPDX-License-Identifier: MIT */
/*
 * Requests: how they are created, and how their results pass back up through the nodes.
 */
#include "node.h"

#include <stdatomic.h>
#include <time.h>

#include "loop-private.h"

#define FREE_MAX 256
#define NS       INT64_C(1000000000)

int64_t
vt_block_now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * NS + now.tv_nsec;
}

/* ---- unused requests ----------------------------------------------------------------------------------- */

VtBlockRequest *
vt_block_loop_new_request(VtBlockLoop *loop)
{
    VtBlockRequest *request = loop->unused;

    if (!request) {
        request = g_new0(VtBlockRequest, 1);
        request->loop = loop;
        return request;
    }
    loop->unused = request->next;
    loop->n_unused--;
    *request = (VtBlockRequest){.loop = loop};
    return request;
}

void
vt_block_loop_free_request(VtBlockRequest *request)
{
    VtBlockLoop *loop = request->loop;

    if (loop->n_unused >= FREE_MAX) {
        g_free(request);
        return;
    }
    request->next = loop->unused;
    loop->unused = request;
    loop->n_unused++;
}

/* ---- completion ---------------------------------------------------------------------------------------- */

static void
count_at(VtBlockNode *node, const VtBlockRequest *request, int64_t offset, int64_t entered_ns, int64_t now_ns,
         int result)
{
    VtBlockCount *counts = &node->counts[request->op];

    atomic_store_explicit(&node->last_ns, now_ns, memory_order_relaxed);
    atomic_fetch_add_explicit(&counts->time_ns, now_ns - entered_ns, memory_order_relaxed);
    if (result < 0) {
        atomic_fetch_add_explicit(&counts->failed, 1, memory_order_relaxed);
        return;
    }
    atomic_fetch_add_explicit(&counts->done, 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&counts->bytes, request->size, memory_order_relaxed);
    if (request->op == VT_BLOCK_WRITE || request->op == VT_BLOCK_ZEROES) {
        int64_t end = offset + request->size;
        int64_t highest = atomic_load_explicit(&node->highest, memory_order_relaxed);

        while (end > highest && !atomic_compare_exchange_weak(&node->highest, &highest, end)) {
        }
    }
}

void
vt_block_count(const VtBlockRequest *request, int result)
{
    int64_t now_ns = vt_block_now_ns();

    /* A question about the image is no access to its data. */
    if (request->op == VT_BLOCK_STATUS) {
        return;
    }
    for (unsigned i = 0; i <= request->depth; i++) {
        count_at(request->way[i].node, request, request->way[i].offset, request->way[i].entered_ns, now_ns, result);
    }
}

void
vt_block_complete(VtBlockRequest *request, int result)
{
    if (request->node) {
        for (unsigned i = request->depth + 1; i-- > 0;) {
            VtBlockNode *node = request->way[i].node;

            if (node->driver->answered) {
                result = node->driver->answered(node, request, result);
            }
        }
    }
    request->completed(request, result);
}

void
vt_block_answer(VtBlockRequest *request)
{
    vt_block_complete(request, request->result);
}
