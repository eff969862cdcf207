/* SPDX-License-Identifier: MIT */
/*
 * Preallocation of memory with several threads: the kernel clears each page, which takes most of the time.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "memory.h"
#include "vt-runtime/error.h"

#ifndef MADV_POPULATE_READ
#define MADV_POPULATE_READ  22
#define MADV_POPULATE_WRITE 23
#endif

#define STEP      (UINT64_C(64) << 20) /* bytes between two checks for cancellation */
#define SHARE_MIN (UINT64_C(16) << 20) /* minimum for a thread to be worth its start */

typedef struct Share {
    char *start;
    uint64_t size;
    size_t page_size;
    bool read_only;
    VtPopulate how;
    int *cancelled;
    GThread *thread; /* NULL: the calling thread */
} Share;

/* Touches each page without a change of its content; other threads may write to it meanwhile. */
static void
touch(const Share *share, char *start, uint64_t size)
{
    for (uint64_t at = 0; at < size; at += share->page_size) {
        char *byte = start + at;

        if (share->read_only) {
            (void)*(volatile char *)byte;
        } else {
            __atomic_fetch_or(byte, 0, __ATOMIC_RELAXED);
        }
    }
}

/* Returns 0 or an errno. */
static int
populate_step(const Share *share, char *start, uint64_t size)
{
    int advice = share->read_only ? MADV_POPULATE_READ : MADV_POPULATE_WRITE;
    int result;

    if (share->how == VT_POPULATE_TOUCHING) {
        touch(share, start, size);
        return 0;
    }
    do {
        result = madvise(start, size, advice);
    } while (result && (errno == EINTR || errno == EAGAIN));
    return result ? errno : 0;
}

static int
populate(const Share *share)
{
    uint64_t step = MAX(STEP, share->page_size);
    int number = 0;

    for (uint64_t at = 0; at < share->size && !number; at += step) {
        number = share->cancelled && g_atomic_int_get(share->cancelled)
                     ? ECANCELED
                     : populate_step(share, share->start + at, MIN(step, share->size - at));
    }
    return number;
}

static void *
populate_thread(void *share)
{
    return GINT_TO_POINTER(populate(share));
}

static uint64_t
count_threads(const VtMemory *memory, uint32_t threads)
{
    uint64_t worthwhile = memory->mapped / MAX(SHARE_MIN, memory->page_size);

    return CLAMP(MIN((uint64_t)threads, g_get_num_processors()), 1, MAX(worthwhile, 1));
}

static int
populate_all(const VtMemory *memory, uint32_t threads, VtPopulate how, int *cancelled)
{
    uint64_t n = count_threads(memory, threads), pages = memory->mapped / memory->page_size, done = 0;
    g_autofree Share *shares = g_new(Share, n);
    int number = 0;

    for (uint64_t i = 0; i < n; i++) {
        uint64_t upto = pages * (i + 1) / n;

        shares[i] = (Share){
            .start = (char *)memory->base + done * memory->page_size,
            .size = (upto - done) * memory->page_size,
            .page_size = memory->page_size,
            .read_only = memory->read_only,
            .how = how,
            .cancelled = cancelled,
        };
        done = upto;
        /* If the host cannot create a thread, this thread does its share. */
        shares[i].thread = i + 1 < n ? g_thread_try_new("populate", populate_thread, &shares[i], NULL) : NULL;
    }
    for (uint64_t i = n; i-- > 0;) {
        int own = shares[i].thread ? GPOINTER_TO_INT(g_thread_join(shares[i].thread)) : populate(&shares[i]);

        number = own ? own : number;
    }
    return number;
}

static bool
failed(const VtMemory *memory, int number, GError **error)
{
    /* EFAULT stands for a page fault that would raise SIGBUS. */
    const char *reason = number == EFAULT ? "the host does not have enough pages" : g_strerror(number);

    return vt_error_set(error, "prealloc: %" G_GUINT64_FORMAT " bytes cannot be allocated: %s", memory->size, reason);
}

/* A missing page would raise SIGBUS instead of an error, so fallocate() allocates the pages of a file first. */
static bool
populate_by_touching(const VtMemory *memory, uint32_t threads, int *cancelled, GError **error)
{
    if (memory->fd >= 0 && !memory->read_only) {
        if (!memory->shared && memory->page_size != (size_t)sysconf(_SC_PAGESIZE)) {
            return vt_error_set(error,
                                "prealloc: private huge pages require a kernel with MADV_POPULATE_WRITE (Linux 5.14)");
        }
        if (memory->shared && fallocate(memory->fd, 0, (off_t)memory->offset, (off_t)memory->mapped) &&
            errno != EOPNOTSUPP) {
            return failed(memory, errno, error);
        }
    }
    return populate_all(memory, threads, VT_POPULATE_TOUCHING, cancelled) == 0;
}

bool
vt_memory_populate(const VtMemory *memory, uint32_t threads, VtPopulate how, int *cancelled, GError **error)
{
    int number = how == VT_POPULATE ? populate_all(memory, threads, how, cancelled) : EINVAL;

    if (number == EINVAL) {
        return populate_by_touching(memory, threads, cancelled, error);
    }
    return number == 0 || failed(memory, number, error);
}
