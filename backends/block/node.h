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
/* Maximum number of children beside the first. */
#define VT_BLOCK_OTHERS_MAX 2
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
    VT_BLOCK_STATUS,
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
    VtBlockStatus *status;                                  /* where the answer to VT_BLOCK_STATUS goes */
    struct iovec single;                                    /* used as iov where the user gave one buffer */
    void (*completed)(VtBlockRequest *request, int result); /* frees the request */
    VtBlockFunc func;
    void *opaque;
    int result;
    /* The nodes that the request has entered, with its offset there.  Index: depth.  Each node can leave a mark. */
    unsigned depth;
    struct {
        VtBlockNode *node;
        int64_t offset, entered_ns;
        uint32_t mark;
    } way[VT_BLOCK_DEPTH_MAX];
    unsigned level; /* of the first of them: the number of nodes above it */
    /* Of a part of another request (parts.c). */
    VtBlockRequest *whole; /* NULL: it is none */
    struct iovec *slices;  /* owned buffers; NULL: none */
    unsigned n_parts;      /* of a request with parts: those in flight */
    VtBlockRequest *next;  /* in the queue that holds the request */
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

/* Flags of requests between nodes, beside those of users. */
enum {
    VT_BLOCK_GROW = 1 << 8, /* write: it may extend the file */
};

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
    /* Called when the request completes, on each node of its way, from the lowest up.  Returns the result for the nodes
     * above.  NULL: the result stays. */
    int (*answered)(VtBlockNode *node, VtBlockRequest *request, int result);
    /* Ends the wait of queued requests of @block: they fail with -ECANCELED, or continue at once.  Main thread. */
    void (*flush_waiting)(VtBlockNode *node, VtBlock *block, bool cancel);
    /* NULL: the node has the length of its child, so the child is resized. */
    bool (*resize)(VtBlockNode *node, int64_t length, GError **error);
    /* Writes what the driver holds back to the nodes below: a user has closed the node or one above it.  Main thread.
     */
    void (*retire)(VtBlockNode *node);
    /* Adds what only the format has to the description of the image.  NULL: nothing. */
    void (*describe)(VtBlockNode *node, struct json_object *image);
} VtBlockDriver;

/* A node below another one, beside VtBlockNode.child. */
typedef struct VtBlockChild {
    VtBlockNode *node;
    const char *name; /* the member that refers to it; static text */
} VtBlockChild;

typedef struct VtBlockCount {
    _Atomic int64_t done, failed, invalid, bytes, time_ns;
} VtBlockCount;

struct VtBlockNode {
    VtObject *object;
    const VtBlockDriver *driver;
    void *state;        /* owned by the driver */
    VtBlockNode *child; /* NULL: this node stores the data */
    VtBlockChild others[VT_BLOCK_OTHERS_MAX];
    unsigned n_others;
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
/* Adds the request to the statistics of the nodes on its way. */
void vt_block_count(const VtBlockRequest *request, int result);

/* ---- blockdev.c ---------------------------------------------------------------------------------------- */

/* For drivers, in realize.  A node without a child sets its length and features.  A node with a child inherits them; a
 * raw window sets length and shift. */
VtBlockNode *vt_block_node(VtObject *blockdev);
bool vt_block_node_stack(VtBlockNode *node, VtObject *child, const VtBlockDriver *driver, void *state, GError **error);
/* Adds another child.  @name: static text. */
bool vt_block_node_add(VtBlockNode *node, VtObject *child, const char *name, GError **error);
/* The child called @name; NULL: none. */
VtBlockNode *vt_block_node_other(const VtBlockNode *node, const char *name);
/* For the claim and released callbacks of a node with a child: its users also claim the child. */
bool vt_block_node_pass_claims(VtObject *blockdev, const VtRef *child, GError **error);

int64_t vt_block_node_length(const VtBlockNode *node);
/* Call in the thread of the request's loop. */
void vt_block_submit(VtBlockNode *node, VtBlockRequest *request);
/* Passes the request to the child. */
void vt_block_forward(VtBlockRequest *request);
/* Passes the request to @child, a node below, at @offset there. */
void vt_block_forward_to(VtBlockRequest *request, VtBlockNode *child, int64_t offset);

/* ---- parts.c: one request becomes several, in the loop's thread ------------------------------------------ */

/* Between begin and end, the driver adds parts.  The request completes after the last part, with its first failure. */
void vt_block_parts_begin(VtBlockRequest *request);
/* Submits a part to @child at @offset there: bytes @at to @at + @size of the request. */
void vt_block_part(VtBlockRequest *request, VtBlockNode *child, int64_t offset, int64_t at, int64_t size);
void vt_block_parts_end(VtBlockRequest *request);
/* Clears bytes @at to @at + @size of the buffers of the request. */
void vt_block_clear(const VtBlockRequest *request, int64_t at, int64_t size);
/* Copies between @data and these bytes of the buffers. */
void vt_block_copy(const VtBlockRequest *request, int64_t at, void *data, int64_t size, bool to_data);
/* Sets @ret to these bytes of the buffers; returns the number of iovecs.  @ret NULL: only counts them. */
size_t vt_block_slice(const VtBlockRequest *request, int64_t at, int64_t size, struct iovec *ret);

/* ---- task.c: code that waits, in a thread of its own ------------------------------------------------------ */

/*
 * A task is the request that it handles.  Its work() runs in a thread of a pool that no other request uses.  Only there
 * it may wait, for locks and for requests to the nodes below.  Nodes of each depth have a pool of their own, so a task
 * waits for no thread that a task like it occupies.
 */
void vt_block_task_start(VtBlockRequest *request, int (*work)(VtBlockRequest *task));
/* Submit a request to @child, and wait for its result.  In work() only. */
int vt_block_task_vector(VtBlockRequest *task, VtBlockNode *child, VtBlockOp op, int64_t offset,
                         const struct iovec *iov, size_t n, unsigned flags);
int vt_block_task_read(VtBlockRequest *task, VtBlockNode *child, int64_t offset, void *data, int64_t size);
int vt_block_task_write(VtBlockRequest *task, VtBlockNode *child, int64_t offset, const void *data, int64_t size);
/* A request without data. */
int vt_block_task_command(VtBlockRequest *task, VtBlockNode *child, VtBlockOp op, int64_t offset, int64_t size,
                          unsigned flags);
int vt_block_task_status(VtBlockRequest *task, VtBlockNode *child, int64_t offset, int64_t size, VtBlockStatus *ret);
/* Runs a task of @node, and serves the main loop's requests until it is done.  Returns its result, 0 or -errno.
 * task->opaque is @opaque.  Main thread. */
int vt_block_task_run(VtBlockNode *node, int (*work)(VtBlockRequest *task), void *opaque);
