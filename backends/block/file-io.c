/* SPDX-License-Identifier: MIT */
/*
 * Requests to a file or block device of the host.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <linux/falloc.h>
#include <linux/fs.h>

#include "file.h"
#include "loop.h"

#define PARTS       64 /* iovecs in one system call */
#define ZEROES_SIZE (1 << 20)

/* ---- transfer ------------------------------------------------------------------------------------------ */

/* Bytes after the end of a file read as zeroes. */
static void
clear(const struct iovec *iov, size_t n, size_t skipped)
{
    for (size_t i = 0; i < n; i++) {
        memset((char *)iov[i].iov_base + skipped, 0, iov[i].iov_len - skipped);
        skipped = 0;
    }
}

/* Repeats the system call until all bytes are transferred. */
static int
transfer(int fd, bool write, const struct iovec *iov, size_t n, int64_t offset, int flags)
{
    size_t skipped = 0; /* bytes of iov[0] that are done */

    while (n) {
        struct iovec parts[PARTS];
        size_t n_parts = MIN(n, PARTS);
        ssize_t done;

        memcpy(parts, iov, n_parts * sizeof(*parts));
        parts[0].iov_base = (char *)parts[0].iov_base + skipped;
        parts[0].iov_len -= skipped;
        done = write ? pwritev2(fd, parts, (int)n_parts, offset, flags) : preadv(fd, parts, (int)n_parts, offset);
        if (done < 0 && errno == EINTR) {
            continue;
        }
        if (done < 0) {
            return -errno;
        }
        if (done == 0 && write) {
            return -EIO;
        }
        if (done == 0) {
            clear(iov, n, skipped);
            return 0;
        }
        offset += done;
        skipped += (size_t)done;
        while (n && skipped >= iov->iov_len) {
            skipped -= iov->iov_len;
            iov++;
            n--;
        }
    }
    return 0;
}

/* ---- requests with O_DIRECT that are not aligned -------------------------------------------------------- */

static bool
fits(const VtBlockFile *file, const VtBlockRequest *request)
{
    uintptr_t memory = (uintptr_t)(request->offset | request->size) & (file->node->alignment - 1);

    for (size_t i = 0; i < request->n_iov && !memory; i++) {
        memory = ((uintptr_t)request->iov[i].iov_base | request->iov[i].iov_len) & (file->memory_alignment - 1);
    }
    return !memory;
}

/* The smallest unit of transfer with O_DIRECT. */
static int64_t
block_size(const VtBlockFile *file)
{
    return (int64_t)MAX(file->node->alignment, file->memory_alignment);
}

/* Returns whether the request changes a part of a block, which needs a read-modify-write. */
static bool
is_partial(const VtBlockFile *file, const VtBlockRequest *request)
{
    return file->node->direct && request->op != VT_BLOCK_READ &&
           ((request->offset | request->size) & (block_size(file) - 1));
}

static void
copy(const struct iovec *iov, size_t n, char *data, bool out)
{
    for (size_t i = 0; i < n; i++) {
        if (out) {
            memcpy(data, iov[i].iov_base, iov[i].iov_len);
        } else {
            memcpy(iov[i].iov_base, data, iov[i].iov_len);
        }
        data += iov[i].iov_len;
    }
}

static int
write_blocks(VtBlockFile *file, VtBlockRequest *request, struct iovec *blocks, int64_t start)
{
    int flags = request->flags & VT_BLOCK_FUA ? RWF_DSYNC : 0;
    int64_t end = start + (int64_t)blocks->iov_len;
    int failure = 0;

    if (start != request->offset || end != request->offset + request->size) {
        failure = transfer(request->fd, false, blocks, 1, start, 0);
    }
    copy(request->iov, request->n_iov, (char *)blocks->iov_base + (request->offset - start), true);
    if (!failure) {
        failure = transfer(request->fd, true, blocks, 1, start, flags);
    }
    return failure || file->is_device ? failure : vt_block_file_cut(file, request->fd, end);
}

static int
work_by_blocks(VtBlockRequest *request)
{
    VtBlockFile *file = request->node->state;
    int64_t block = block_size(file);
    int64_t start = request->offset / block * block;
    int64_t end = (request->offset + request->size + block - 1) / block * block;
    struct iovec blocks = {NULL, (size_t)(end - start)};
    int failure;

    if (posix_memalign(&blocks.iov_base, (size_t)MAX(block, 4096), blocks.iov_len)) {
        return -ENOMEM;
    }
    if (request->op == VT_BLOCK_WRITE) {
        failure = write_blocks(file, request, &blocks, start);
    } else {
        failure = transfer(request->fd, false, &blocks, 1, start, 0);
        copy(request->iov, request->n_iov, (char *)blocks.iov_base + (request->offset - start), false);
    }
    free(blocks.iov_base);
    return failure;
}

/* ---- discard and write zeroes --------------------------------------------------------------------------- */

static bool
is_unsupported(int failure)
{
    return failure == -EOPNOTSUPP || failure == -ENOSYS || failure == -ENODEV || failure == -EINVAL ||
           failure == -ENOTTY;
}

static int
allocate(int fd, int mode, int64_t offset, int64_t size)
{
    int result;

    do {
        result = fallocate(fd, mode, offset, size);
    } while (result < 0 && errno == EINTR);
    return result < 0 ? -errno : 0;
}

static int
discard(VtBlockFile *file, const VtBlockRequest *request)
{
    uint64_t range[2] = {(uint64_t)request->offset, (uint64_t)request->size};
    int failure;

    if (file->is_device) {
        failure = ioctl(request->fd, BLKDISCARD, range) < 0 ? -errno : 0;
    } else {
        failure = allocate(request->fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, request->offset, request->size);
    }
    /* A discard is only advice: the host need not support it. */
    return is_unsupported(failure) ? 0 : failure;
}

static int
write_zeroes_by_hand(VtBlockFile *file, VtBlockRequest *request)
{
    const VtBlockRequest whole = *request;
    struct iovec iov = {NULL, ZEROES_SIZE};
    int failure = 0;

    if (posix_memalign(&iov.iov_base, 4096, ZEROES_SIZE)) {
        return -ENOMEM;
    }
    memset(iov.iov_base, 0, ZEROES_SIZE);
    request->op = VT_BLOCK_WRITE;
    request->iov = &iov;
    request->n_iov = 1;
    for (int64_t done = 0; done < whole.size && !failure; done += ZEROES_SIZE) {
        request->offset = whole.offset + done;
        request->size = MIN(whole.size - done, ZEROES_SIZE);
        iov.iov_len = (size_t)request->size;
        failure = file->node->direct && !fits(file, request) ? work_by_blocks(request)
                                                             : transfer(request->fd, true, &iov, 1, request->offset, 0);
    }
    free(iov.iov_base);
    *request = whole;
    return failure;
}

static int
write_zeroes(VtBlockFile *file, VtBlockRequest *request)
{
    uint64_t range[2] = {(uint64_t)request->offset, (uint64_t)request->size};
    int failure = -EOPNOTSUPP;

    if (request->flags & VT_BLOCK_MAY_UNMAP) {
        failure = allocate(request->fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, request->offset, request->size);
    }
    if (is_unsupported(failure)) {
        failure = allocate(request->fd, FALLOC_FL_ZERO_RANGE, request->offset, request->size);
    }
    if (is_unsupported(failure) && file->is_device) {
        failure = ioctl(request->fd, BLKZEROOUT, range) < 0 ? -errno : 0;
    }
    return is_unsupported(failure) ? write_zeroes_by_hand(file, request) : failure;
}

/* ---- status -------------------------------------------------------------------------------------------- */

/* Sets the result to the run of data or of zeroes at the offset.  A run ends at a multiple of a sector. */
static int
find_run(const VtBlockRequest *request)
{
    int64_t offset = request->offset, end = offset + request->size;
    off_t data = lseek(request->fd, offset, SEEK_DATA), hole = -1;
    VtBlockStatus *status = request->status;

    *status = (VtBlockStatus){.size = request->size, .data = true, .depth = 1};
    if (data < 0 && errno != ENXIO) {
        return 0; /* the file system does not report it */
    }
    /* ENXIO: no data until the end. */
    data = data < 0 ? end : data / VT_BLOCK_SECTOR * VT_BLOCK_SECTOR;
    if (data > offset) {
        status->size = MIN(data, end) - offset;
        status->data = false;
        status->zero = true;
        return 0;
    }
    hole = lseek(request->fd, offset, SEEK_HOLE);
    /* A hole at the offset: another request has punched it since. */
    if (hole > offset) {
        hole = (hole + VT_BLOCK_SECTOR - 1) / VT_BLOCK_SECTOR * VT_BLOCK_SECTOR;
        status->size = MIN(hole, end) - offset;
    }
    return 0;
}

/* ---- requests ------------------------------------------------------------------------------------------ */

static int
work(VtBlockRequest *request)
{
    VtBlockFile *file = request->node->state;
    int flags = request->flags & VT_BLOCK_FUA ? RWF_DSYNC : 0, failure;

    switch (request->op) {
    case VT_BLOCK_READ:
        return transfer(request->fd, false, request->iov, request->n_iov, request->offset, 0);
    case VT_BLOCK_WRITE:
        return transfer(request->fd, true, request->iov, request->n_iov, request->offset, flags);
    case VT_BLOCK_FLUSH:
        return fdatasync(request->fd) < 0 ? -errno : 0;
    case VT_BLOCK_DISCARD:
        return discard(file, request);
    case VT_BLOCK_STATUS:
        return find_run(request);
    default:
        failure = write_zeroes(file, request);
        if (!failure && flags) {
            failure = fdatasync(request->fd) < 0 ? -errno : 0;
        }
        return failure;
    }
}

/* Runs when the request holds the lock on its range. */
static void
go(VtBlockRequest *request)
{
    VtBlockNode *node = request->node;
    VtBlockFile *file = node->state;

    if (request->op == VT_BLOCK_DISCARD || request->op == VT_BLOCK_ZEROES) {
        vt_block_loop_work(request);
    } else if (node->direct && !fits(file, request)) {
        request->work = work_by_blocks;
        vt_block_loop_work(request);
    } else {
        vt_block_loop_submit(request, node->engine, node->max_batch);
    }
}

static void
flush(VtBlockFile *file, VtBlockRequest *request)
{
    VtBlockNode *node = file->node;

    if (node->no_flush || !file->writable || file->flush_failure) {
        request->result = node->no_flush || !file->writable ? 0 : file->flush_failure;
        request->resume = vt_block_answer;
        vt_block_loop_defer(request);
    } else {
        vt_block_loop_submit(request, node->engine, node->max_batch);
    }
}

/* The file becomes longer before the write, which may be in blocks that extend it further. */
static void
grow(VtBlockFile *file, int64_t end)
{
    int64_t length = atomic_load(&file->image->length);

    end = (end + VT_BLOCK_SECTOR - 1) / VT_BLOCK_SECTOR * VT_BLOCK_SECTOR;
    while (!file->is_device && end > length && !atomic_compare_exchange_weak(&file->image->length, &length, end)) {
    }
}

void
vt_block_file_submit(VtBlockNode *node, VtBlockRequest *request)
{
    VtBlockFile *file = node->state;
    int64_t start = request->offset, end = start + request->size, block = block_size(file);
    bool exclusive;

    request->fd = file->fd;
    request->work = work;
    if (node->no_flush) {
        request->flags &= ~(unsigned)VT_BLOCK_FUA;
    }
    if (request->op == VT_BLOCK_FLUSH) {
        flush(file, request);
        return;
    }
    /* It locks no range: it transfers nothing. */
    if (request->op == VT_BLOCK_STATUS) {
        vt_block_loop_work(request);
        return;
    }
    if (request->flags & VT_BLOCK_GROW) {
        grow(file, end);
    }
    exclusive = is_partial(file, request);
    if (exclusive) {
        start -= start % block;
        end += (block - end % block) % block;
    }
    if (vt_block_ranges_lock(file->image->ranges, request, start, end, exclusive, go)) {
        go(request);
    }
}
