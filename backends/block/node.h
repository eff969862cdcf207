/* SPDX-License-Identifier: MIT */
/*
 * Shared by the parts of the block layer: nodes, their drivers, and requests.
 *
 * A request passes from the node that its user has opened down to the node that stores the data, in its user's thread.
 * It also completes in that thread.  A driver forwards a request (vt_block_forward()), completes it
 * (vt_block_complete()), or keeps it until its loop runs it again (vt_block_loop_post()).
 */
#pragma once

#include <pthread.h>

#include "vt-backends/block.h"
#include "vt-gen/backends.h"

#define VT_BLOCK_SECTOR 512
/* Maximum depth of a stack of nodes. */
#define VT_BLOCK_DEPTH_MAX 8
/* Maximum size of a request in bytes. */
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

/* The range of an image that a request has locked or waits for; see ranges.h. */
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
    VtBlockNode *node; /* the node that handles it now */
    VtBlockOp op;
    unsigned flags;
    int64_t offset, size; /* relative to that node */
    const struct iovec *iov;
    size_t n_iov;
    struct iovec single;                                    /* used as iov where the user gave one buffer */
    void (*completed)(VtBlockRequest *request, int result); /* frees the request */
    VtBlockFunc func;
    void *opaque;
    int result;
    unsigned depth;
    int64_t entered_ns[VT_BLOCK_DEPTH_MAX]; /* index: depth */
    VtBlockRequest *next;                   /* in the queue that holds the request */
    void (*resume)(VtBlockRequest *request);
    /* Set by the driver of the lowest node. */
    int (*work)(VtBlockRequest *request); /* runs in a thread of the pool; returns 0 or -errno */
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

/* I/O engines. */
typedef enum VtBlockEngine {
    VT_BLOCK_ENGINE_THREADS,
    VT_BLOCK_ENGINE_NATIVE,
    VT_BLOCK_ENGINE_IO_URING,
    VT_BLOCK_N_ENGINES,
} VtBlockEngine;

typedef struct VtBlockDriver {
    /* Called in the thread of the request's loop. */
    void (*submit)(VtBlockNode *node, VtBlockRequest *request);
    /* Called on the lowest node when the request completes.  Returns the final result.  NULL: the result stays. */
    int (*answered)(VtBlockNode *node, VtBlockRequest *request, int result);
    /* Ends the wait of queued requests of @block: they fail with -ECANCELED, or continue at once.  Main thread. */
    void (*flush_waiting)(VtBlockNode *node, VtBlock *block, bool cancel);
    /* NULL: the node has the length of its child, so the child is resized. */
    bool (*resize)(VtBlockNode *node, int64_t length, GError **error);
} VtBlockDriver;

typedef struct VtBlockCount {
    _Atomic int64_t done, failed, invalid, bytes, time_ns;
} VtBlockCount;

struct VtBlockNode {
    VtObject *object;
    const VtBlockDriver *driver;
    void *state;            /* owned by the driver */
    VtBlockNode *child;     /* NULL: this node stores the data */
    _Atomic int64_t length; /* valid without a child, or if fixed; unless VtBlockNode.image_length is set */
    const _Atomic int64_t *image_length; /* length of the image, which all of its nodes show; or NULL */
    int64_t shift;                       /* offset of the node in its child */
    bool fixed;                          /* the length does not follow the child's */
    _Atomic bool read_only;              /* writes are refused */
    bool discards;                       /* discard=unmap */
    bool no_flush, direct;
    VtBlockdevDetectZeroesOptions detect_zeroes;
    size_t alignment;
    VtBlockEngine engine; /* of the lowest node */
    int64_t max_batch;    /* of the lowest node; 0: no limit */
    char *filename;       /* of the lowest node, as queries report it */
    unsigned n_open;
    VtBlockCount counts[VT_BLOCK_N_OPS];
    _Atomic int64_t highest, last_ns;
};

/* ---- node.c -------------------------------------------------------------------------------------------- */

int64_t vt_block_now_ns(void);

/* Loop's thread only. */
VtBlockRequest *vt_block_loop_new_request(VtBlockLoop *loop);
void vt_block_loop_free_request(VtBlockRequest *request);

/* Sets the result of the request and completes it.  Usable where a resume function is. */
void vt_block_complete(VtBlockRequest *request, int result);
/* Completes the request with request->result.  Usable as a resume function. */
void vt_block_answer(VtBlockRequest *request);
/* Adds the request to the statistics of the nodes from @top down to the one that handles it. */
void vt_block_count(VtBlockNode *top, const VtBlockRequest *request, int result);

/* ---- blockdev.c ---------------------------------------------------------------------------------------- */

/* For drivers, in realize.  A node without a child sets its length and features.  A node with a child inherits them; a
 * raw window sets length and shift. */
VtBlockNode *vt_block_node(VtObject *blockdev);
bool vt_block_node_stack(VtBlockNode *node, VtObject *child, const VtBlockDriver *driver, void *state, GError **error);
/* For the claim and released callbacks of a node with a child: its users also claim the child. */
bool vt_block_node_pass_claims(VtObject *blockdev, const VtRef *child, GError **error);

int64_t vt_block_node_length(const VtBlockNode *node);
/* Call in the thread of the request's loop. */
void vt_block_submit(VtBlockNode *node, VtBlockRequest *request);
/* Passes the request to the child. */
void vt_block_forward(VtBlockRequest *request);
