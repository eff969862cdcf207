/* SPDX-License-Identifier: MIT */
/*
 * Parts of a request: a driver passes ranges of it to the nodes below, as requests of their own that use its buffers.
 */
#include <string.h>

#include "loop.h"
#include "node.h"

/* ---- the buffers of a request --------------------------------------------------------------------------- */

size_t
vt_block_slice(const VtBlockRequest *request, int64_t at, int64_t size, struct iovec *ret)
{
    size_t n = 0;

    for (size_t i = 0; i < request->n_iov && size; i++) {
        const struct iovec *iov = &request->iov[i];
        int64_t len = (int64_t)iov->iov_len;

        if (at >= len) {
            at -= len;
            continue;
        }
        len = MIN(len - at, size);
        if (ret) {
            ret[n] = (struct iovec){(char *)iov->iov_base + at, (size_t)len};
        }
        n++;
        size -= len;
        at = 0;
    }
    return n;
}

void
vt_block_copy(const VtBlockRequest *request, int64_t at, void *data, int64_t size, bool to_data)
{
    char *other = data;

    for (size_t i = 0; i < request->n_iov && size; i++) {
        int64_t len = (int64_t)request->iov[i].iov_len;
        char *own = (char *)request->iov[i].iov_base + at;

        if (at >= len) {
            at -= len;
            continue;
        }
        len = MIN(len - at, size);
        memcpy(to_data ? other : own, to_data ? own : other, (size_t)len);
        other += len;
        size -= len;
        at = 0;
    }
}

void
vt_block_clear(const VtBlockRequest *request, int64_t at, int64_t size)
{
    for (size_t i = 0; i < request->n_iov && size; i++) {
        int64_t len = (int64_t)request->iov[i].iov_len;

        if (at >= len) {
            at -= len;
            continue;
        }
        len = MIN(len - at, size);
        memset((char *)request->iov[i].iov_base + at, 0, (size_t)len);
        size -= len;
        at = 0;
    }
}

/* ---- parts ---------------------------------------------------------------------------------------------- */

void
vt_block_parts_begin(VtBlockRequest *request)
{
    request->n_parts = 1;
    request->result = 0;
}

static void
part_completed(VtBlockRequest *part, int result)
{
    VtBlockRequest *whole = part->whole;

    vt_block_count(part, result);
    g_free(part->slices);
    vt_block_loop_free_request(part);
    if (result < 0 && !whole->result) {
        whole->result = result;
    }
    if (--whole->n_parts == 0) {
        vt_block_answer(whole);
    }
}

void
vt_block_part(VtBlockRequest *request, VtBlockNode *child, int64_t offset, int64_t at, int64_t size)
{
    VtBlockRequest *part = vt_block_loop_new_request(request->loop);

    part->whole = request;
    part->block = request->block;
    part->level = request->level + request->depth + 1;
    part->op = request->op;
    part->flags = request->flags;
    part->offset = offset;
    part->size = size;
    part->completed = part_completed;
    part->n_iov = vt_block_slice(request, at, size, NULL);
    if (part->n_iov > 1) {
        part->slices = g_new(struct iovec, part->n_iov);
    }
    part->iov = part->n_iov > 1 ? part->slices : &part->single;
    if (part->n_iov) {
        vt_block_slice(request, at, size, part->n_iov > 1 ? part->slices : &part->single);
    }
    request->n_parts++;
    vt_block_submit(child, part);
}

void
vt_block_parts_end(VtBlockRequest *request)
{
    if (--request->n_parts == 0) {
        /* A request never completes inside the call that submits it. */
        request->resume = vt_block_answer;
        vt_block_loop_defer(request);
    }
}
