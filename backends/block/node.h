/* SPDX-License-Identifier: MIT */
/*
 * What the parts of the block layer know of each other: nodes, the drivers behind them, and requests on their way.
 *
 * A request goes down from the node that its user has opened to the one that has the bytes, all in its user's thread;
 * it is answered there too.  A driver passes it on (vt_block_forward()), answers it (vt_block_complete()), or keeps it
 * until its loop runs it again (vt_block_loop_post()).
 */
#pragma once

#include <pthread.h>

#include "vt-backends/block.h"
#include "vt-gen/backends.h"

#define VT_BLOCK_SECTOR 512
/* Nodes on top of each other. */
#define VT_BLOCK_DEPTH_MAX 8
/* A request is no larger. */
#define VT_BLOCK_REQUEST_MAX (INT32_MAX & ~4095)

typedef struct VtBlockNode VtBlockNode;
typedef struct VtBlockLoop VtBlockLoop;
typedef struct VtBlockRequest VtBlockRequest;

typedef enum VtBlockOp {
    VT_BLOCK_READ,
    VT_BLOCK_WRITE,
    VT_BLOCK_FLUSH,
    VT_BLOCK_DISCARD,
    VT_BLOCK_ZEROES,
    VT_BLOCK_N_OPS,
} VtBlockOp;

/* Which bytes of an image a request has locked, or waits for; see ranges.h. */
typedef enum VtBlockRangeState { VT_BLOCK_RANGE_NONE, VT_BLOCK_RANGE_COUNTED, VT_BLOCK_RANGE_LISTED } VtBlockRangeState;

typedef struct VtBlockRange {
    VtBlockRangeState state;
    bool exclusive, awaits_counted;
    unsigned n_awaited;
    int64_t start, end;
    VtBlockRequest *earlier, *later;
} VtBlockRange;

struct VtBlockRequest {
    VtBlock *block;
    VtBlockLoop *loop;
    VtBlockNode *node; /* where it is */
    VtBlockOp op;
    unsigned flags;
    int64_t offset, size; /* at the node where it is */
    const struct iovec *iov;
    size_t n_iov;
    struct iovec single;                                    /* what iov points to, where the user gave plain memory */
    void (*completed)(VtBlockRequest *request, int result); /* frees it */
    VtBlockFunc func;
    void *opaque;
    int result;
    unsigned depth;
    int64_t entered_ns[VT_BLOCK_DEPTH_MAX]; /* by depth */
    VtBlockRequest *next;                   /* in whichever queue it is */
    void (*resume)(VtBlockRequest *request);
    /* Of the driver at the end of the way. */
    int (*work)(VtBlockRequest *request); /* in a thread of its own: 0 or -errno */
    int fd;
    int64_t deadline_ns;
    VtBlockRange range;
};

typedef struct VtBlockQueue {
    VtBlockRequest *head, *tail;
} VtBlockQueue;

static inline void
vt_block_queue_push(VtBlockQueue *queue, VtBlockRequest *request)
{
    request->next = NULL;
    if (queue->tail) {
        queue->tail->next = request;
    } else {
        queue->head = request;
    }
    queue->tail = request;
}

static inline VtBlockRequest *
vt_block_queue_pop(VtBlockQueue *queue)
{
    VtBlockRequest *request = queue->head;

    if (request) {
        queue->head = request->next;
        if (!queue->head) {
            queue->tail = NULL;
        }
    }
    return request;
}

/* How requests reach the host. */
typedef enum VtBlockEngine {
    VT_BLOCK_ENGINE_THREADS,
    VT_BLOCK_ENGINE_NATIVE,
    VT_BLOCK_ENGINE_IO_URING,
    VT_BLOCK_N_ENGINES,
} VtBlockEngine;

typedef struct VtBlockDriver {
    /* In the thread of the request's loop. */
    void (*submit)(VtBlockNode *node, VtBlockRequest *request);
    /* Of the node that has the bytes: the request is done with.  What becomes of its result; NULL: nothing. */
    int (*answered)(VtBlockNode *node, VtBlockRequest *request, int result);
    /* Where requests of @block wait here: they are answered with -ECANCELED, or go ahead at once.  Main thread. */
    void (*flush_waiting)(VtBlockNode *node, VtBlock *block, bool cancel);
    /* NULL: the length is the one of the node below, which is what is to be resized. */
    bool (*resize)(VtBlockNode *node, int64_t length, GError **error);
} VtBlockDriver;

typedef struct VtBlockCount {
    _Atomic int64_t done, failed, invalid, bytes, time_ns;
} VtBlockCount;

struct VtBlockNode {
    VtObject *object;
    const VtBlockDriver *driver;
    void *state;            /* of the driver */
    VtBlockNode *child;     /* NULL: it has the bytes */
    _Atomic int64_t length; /* without a child, or fixed */
    int64_t shift;          /* where it begins in the child */
    bool fixed;             /* its length does not follow the child's */
    _Atomic bool read_only; /* settled: writes are refused */
    bool discards;          /* discard=unmap */
    bool no_flush, direct;
    VtBlockdevDetectZeroesOptions detect_zeroes;
    size_t alignment;
    VtBlockEngine engine; /* of the node that has the bytes */
    int64_t max_batch;    /* likewise; 0: any */
    char *filename;       /* likewise; as it is told */
    unsigned n_open;
    VtBlockCount counts[VT_BLOCK_N_OPS];
    _Atomic int64_t highest, last_ns;
};

/* ---- node.c -------------------------------------------------------------------------------------------- */

int64_t vt_block_now_ns(void);

/* In the loop's thread. */
VtBlockRequest *vt_block_loop_new_request(VtBlockLoop *loop);
void vt_block_loop_free_request(VtBlockRequest *request);

/* The request has its result.  The same as a resume. */
void vt_block_complete(VtBlockRequest *request, int result);
/* As a resume: answers with request->result. */
void vt_block_answer(VtBlockRequest *request);
/* Counts it at all nodes from @top down to where it is. */
void vt_block_count(VtBlockNode *top, const VtBlockRequest *request, int result);

/* ---- blockdev.c ---------------------------------------------------------------------------------------- */

/* For drivers, in their realize.  A node without a child says its length and what it can; one with a child has that
 * child's, and a window sets length and shift. */
VtBlockNode *vt_block_node(VtObject *blockdev);
bool vt_block_node_stack(VtBlockNode *node, VtObject *child, const VtBlockDriver *driver, void *state, GError **error);
/* For a node on top of another, in its claim and released: who uses it uses what is below. */
bool vt_block_node_pass_claims(VtObject *blockdev, const VtRef *child, GError **error);

int64_t vt_block_node_length(const VtBlockNode *node);
/* In the thread of its loop. */
void vt_block_submit(VtBlockNode *node, VtBlockRequest *request);
/* Passes it on to the node below. */
void vt_block_forward(VtBlockRequest *request);
