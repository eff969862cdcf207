/* SPDX-License-Identifier: MIT */
/*
 * aio=io_uring: one system call submits many requests, and none of them blocks a thread.
 */
#include "loop.h"
#include "vt-runtime/error.h"

#ifdef CONFIG_LIBURING

#include <errno.h>
#include <limits.h>

#include <liburing.h>

#define ENTRIES 128

typedef struct Ring {
    struct io_uring ring;
} Ring;

void *
vt_block_ring_new(VtBlockLoop *loop, int *ret_fd, GError **error)
{
    /* The thread that submits also reaps, and enters the kernel anyway, so completions need no interrupt.  Kernels
     * before 6.0 lack one of these flags. */
    const unsigned flags[] = {IORING_SETUP_COOP_TASKRUN | IORING_SETUP_SINGLE_ISSUER, 0};
    Ring *ring = g_new0(Ring, 1);
    int failure = -EINVAL;

    (void)loop;
    for (size_t i = 0; failure == -EINVAL && i < G_N_ELEMENTS(flags); i++) {
        failure = io_uring_queue_init(ENTRIES, &ring->ring, flags[i]);
    }
    if (failure) {
        g_free(ring);
        vt_error_set(error, "aio: 'io_uring': io_uring_setup: %s", g_strerror(-failure));
        return NULL;
    }
    *ret_fd = ring->ring.ring_fd;
    return ring;
}

static struct io_uring_sqe *
get_entry(Ring *ring)
{
    struct io_uring_sqe *entry = io_uring_get_sqe(&ring->ring);

    if (!entry) {
        io_uring_submit(&ring->ring);
        entry = io_uring_get_sqe(&ring->ring);
    }
    return entry;
}

static void
submit(void *opaque, VtBlockRequest *request)
{
    struct io_uring_sqe *entry = request->n_iov <= IOV_MAX ? get_entry(opaque) : NULL;
    __u64 offset = (__u64)request->offset;

    if (!entry) {
        vt_block_loop_work(request);
        return;
    }
    if (request->op == VT_BLOCK_FLUSH) {
        io_uring_prep_fsync(entry, request->fd, IORING_FSYNC_DATASYNC);
    } else if (request->op == VT_BLOCK_READ && request->n_iov == 1) {
        io_uring_prep_read(entry, request->fd, request->iov->iov_base, (unsigned)request->iov->iov_len, offset);
    } else if (request->op == VT_BLOCK_READ) {
        io_uring_prep_readv(entry, request->fd, request->iov, (unsigned)request->n_iov, offset);
    } else if (request->n_iov == 1) {
        io_uring_prep_write(entry, request->fd, request->iov->iov_base, (unsigned)request->iov->iov_len, offset);
    } else {
        io_uring_prep_writev(entry, request->fd, request->iov, (unsigned)request->n_iov, offset);
    }
    if (request->op == VT_BLOCK_WRITE && (request->flags & VT_BLOCK_FUA)) {
        entry->rw_flags = RWF_DSYNC;
    }
    io_uring_sqe_set_data(entry, request);
}

static bool
kick(void *opaque)
{
    Ring *ring = opaque;

    io_uring_submit(&ring->ring);
    return !io_uring_sq_ready(&ring->ring);
}

/* A short transfer is rare: a thread repeats the whole request. */
static void
finish(VtBlockRequest *request, int result)
{
    if (result == -EAGAIN || result == -EINTR || (result >= 0 && result < request->size)) {
        vt_block_loop_work(request);
    } else {
        vt_block_complete(request, MIN(result, 0));
    }
}

static bool
reap(void *opaque)
{
    Ring *ring = opaque;
    struct io_uring_cqe *entry;
    unsigned head, n = 0;

    if (io_uring_cq_has_overflow(&ring->ring)) {
        io_uring_get_events(&ring->ring);
    }
    io_uring_for_each_cqe(&ring->ring, head, entry)
    {
        VtBlockRequest *request = io_uring_cqe_get_data(entry);
        int result = entry->res;

        io_uring_cq_advance(&ring->ring, 1);
        finish(request, result);
        if (++n == ENTRIES) {
            break;
        }
    }
    return n > 0;
}

static void
ring_free(void *opaque)
{
    Ring *ring = opaque;

    io_uring_queue_exit(&ring->ring);
    g_free(ring);
}

const VtBlockQueueOps vt_block_ring_ops = {.submit = submit, .kick = kick, .reap = reap, .free = ring_free};

#else

void *
vt_block_ring_new(VtBlockLoop *loop, int *ret_fd, GError **error)
{
    (void)loop;
    (void)ret_fd;
    vt_error_set(error, "aio: 'io_uring': this program was built without liburing");
    return NULL;
}

const VtBlockQueueOps vt_block_ring_ops = {.free = NULL};

#endif
