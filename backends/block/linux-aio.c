/* SPDX-License-Identifier: MIT */
/*
 * aio=native: Linux AIO by its system calls, for files opened with O_DIRECT.
 */
#include <errno.h>
#include <limits.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <linux/aio_abi.h>

#include "loop.h"
#include "vt-runtime/error.h"

/* Requests in flight in the kernel; further requests wait. */
#define IN_FLIGHT_MAX 256
#define BATCH         64

typedef struct Slot {
    struct iocb iocb;
    VtBlockRequest *request;
    struct Slot *next;
} Slot;

typedef struct Aio {
    aio_context_t context;
    int fd;
    VtBlockQueue waiting;
    Slot *unused;
    Slot slots[IN_FLIGHT_MAX];
} Aio;

void *
vt_block_aio_new(VtBlockLoop *loop, int *ret_fd, GError **error)
{
    Aio *aio = g_new0(Aio, 1);

    (void)loop;
    if (syscall(SYS_io_setup, IN_FLIGHT_MAX, &aio->context) < 0) {
        vt_error_set(error, "aio: 'native': io_setup: %s", g_strerror(errno));
        g_free(aio);
        return NULL;
    }
    aio->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    for (size_t i = 0; i < IN_FLIGHT_MAX; i++) {
        aio->slots[i].next = aio->unused;
        aio->unused = &aio->slots[i];
    }
    *ret_fd = aio->fd;
    return aio;
}

static void
submit(void *opaque, VtBlockRequest *request)
{
    Aio *aio = opaque;

    if (request->op == VT_BLOCK_FLUSH || request->n_iov > IOV_MAX) {
        vt_block_loop_work(request);
    } else {
        vt_block_queue_push(&aio->waiting, request);
    }
}

static struct iocb *
fill(const Aio *aio, Slot *slot)
{
    const VtBlockRequest *request = slot->request;

    slot->iocb = (struct iocb){
        .aio_data = (uintptr_t)slot,
        .aio_lio_opcode = request->op == VT_BLOCK_READ ? IOCB_CMD_PREADV : IOCB_CMD_PWRITEV,
        .aio_fildes = (uint32_t)request->fd,
        .aio_buf = (uintptr_t)request->iov,
        .aio_nbytes = request->n_iov,
        .aio_offset = request->offset,
        .aio_flags = IOCB_FLAG_RESFD,
        .aio_resfd = (uint32_t)aio->fd,
        .aio_rw_flags = request->flags & VT_BLOCK_FUA ? RWF_DSYNC : 0,
    };
    return &slot->iocb;
}

static void
give_back(Aio *aio, Slot *slot)
{
    slot->next = aio->unused;
    aio->unused = slot;
}

/* Requeues the requests that the kernel did not accept.  If it refused the first one, a thread runs that request. */
static void
undo(Aio *aio, struct iocb *const *batch, long first, long n, bool refused)
{
    VtBlockQueue again = {NULL, NULL};

    for (long i = first; i < n; i++) {
        Slot *slot = (Slot *)(uintptr_t)batch[i]->aio_data;

        if (refused && i == first) {
            vt_block_loop_work(slot->request);
        } else {
            vt_block_queue_push(&again, slot->request);
        }
        give_back(aio, slot);
    }
    for (VtBlockRequest *request; (request = vt_block_queue_pop(&aio->waiting));) {
        vt_block_queue_push(&again, request);
    }
    aio->waiting = again;
}

static bool
kick(void *opaque)
{
    Aio *aio = opaque;

    while (aio->waiting.head && aio->unused) {
        struct iocb *batch[BATCH];
        long n = 0, taken;

        while (n < BATCH && aio->waiting.head && aio->unused) {
            Slot *slot = aio->unused;

            aio->unused = slot->next;
            slot->request = vt_block_queue_pop(&aio->waiting);
            batch[n++] = fill(aio, slot);
        }
        taken = syscall(SYS_io_submit, aio->context, n, batch);
        if (taken < n) {
            bool busy = taken < 0 && (errno == EAGAIN || errno == EINTR);

            undo(aio, batch, MAX(taken, 0), n, taken < 0 && !busy);
            if (busy) {
                return false;
            }
        }
    }
    /* Without a free slot, the next completion continues. */
    return true;
}

static bool
reap(void *opaque)
{
    Aio *aio = opaque;
    struct io_event events[BATCH];
    struct timespec at_once = {0, 0};
    uint64_t times;
    long n, all = 0;

    if (read(aio->fd, &times, sizeof(times)) < 0) {
        return false;
    }
    while ((n = syscall(SYS_io_getevents, aio->context, 0L, (long)BATCH, events, &at_once)) > 0) {
        for (long i = 0; i < n; i++) {
            Slot *slot = (Slot *)(uintptr_t)events[i].data;
            VtBlockRequest *request = slot->request;
            int64_t result = (int64_t)events[i].res;

            give_back(aio, slot);
            if (result == -EAGAIN || result == -EINTR || (result >= 0 && result < request->size)) {
                vt_block_loop_work(request);
            } else {
                vt_block_complete(request, (int)MIN(result, 0));
            }
        }
        all += n;
    }
    kick(aio);
    return all > 0;
}

static void
aio_free(void *opaque)
{
    Aio *aio = opaque;

    syscall(SYS_io_destroy, aio->context);
    close(aio->fd);
    g_free(aio);
}

const VtBlockQueueOps vt_block_aio_ops = {.submit = submit, .kick = kick, .reap = reap, .free = aio_free};
