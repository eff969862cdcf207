/* SPDX-License-Identifier: MIT */
/*
 * Writes in tasks: where clusters are allocated, or copied because another owner has them, too.
 *
 * Data is written to new clusters before an entry refers to them.  While it is written, other tasks continue; those to
 * the same clusters of the guest wait until the flight, as such an allocation is called, has landed.
 */
#include <errno.h>

#include "qcow2.h"

#define ZEROES_MAX (2 << 20) /* bytes of zeroes in one write */

/* One step of a write. */
typedef struct Step {
    int64_t offset, size; /* of the guest */
    int64_t host;         /* where @offset is */
    bool in_place;
    uint32_t mark; /* of the epoch, in place */
    /* Otherwise: */
    VtQcow2Flight flight; /* whole clusters of the guest */
    uint64_t n, first;    /* clusters, and the offset of the first */
    bool fresh;           /* they were allocated now */
    bool zero;            /* and read as zeroes */
    bool whole;           /* the old cluster is left, so all of it is copied */
} Step;

/* ---- flights, with VtQcow2.tables held ------------------------------------------------------------------------- */

static const VtQcow2Flight *
find_flight(const VtQcow2 *self, int64_t start, int64_t end)
{
    const VtQcow2Flight *flight = self->flights;

    while (flight && (flight->start >= end || start >= flight->end)) {
        flight = flight->next;
    }
    return flight;
}

void
vt_qcow2_await_flights(VtQcow2 *self, int64_t start, int64_t end)
{
    while (find_flight(self, start, end)) {
        pthread_cond_wait(&self->landed, &self->tables);
    }
}

static void
take_off(VtQcow2 *self, VtQcow2Flight *flight)
{
    flight->next = self->flights;
    self->flights = flight;
}

static void
land(VtQcow2 *self, const VtQcow2Flight *flight)
{
    VtQcow2Flight **place = &self->flights;

    while (*place != flight) {
        place = &(*place)->next;
    }
    *place = flight->next;
    pthread_cond_broadcast(&self->landed);
}

/* ---- choice, with VtQcow2.tables held -------------------------------------------------------------------------- */

static uint64_t
entry_at(const VtQcow2 *self, const VtQcow2Table *table, size_t index)
{
    return vt_qcow2_get64(table->data + index * self->entry_size);
}

/* Whether an entry has a cluster of its own, which can hold what it does not hold yet. */
static bool
has_room(const VtQcow2 *self, uint64_t entry)
{
    return vt_qcow2_is_allocated(self, entry) && entry & VT_QCOW2_COPIED;
}

/* The number of clusters from the entry on that need new ones. */
static uint64_t
count_new(VtQcow2 *self, const VtQcow2Table *table, size_t index, Step *step)
{
    int64_t start = step->flight.start;
    uint64_t most = (uint64_t)(step->offset + step->size - start + self->cluster_size - 1) >> self->header.cluster_bits;
    uint64_t n = 1, all = entry_at(self, table, index);

    while (n < most && index + n < self->l2_entries && !has_room(self, entry_at(self, table, index + n)) &&
           !find_flight(self, start + (int64_t)(n << self->header.cluster_bits),
                        start + (int64_t)((n + 1) << self->header.cluster_bits))) {
        all |= entry_at(self, table, index + n);
        n++;
    }
    step->whole = all & (VT_QCOW2_PACKED | VT_QCOW2_OFFSET);
    return n;
}

static int
choose_clusters(VtQcow2 *self, VtBlockRequest *task, const VtQcow2Table *table, size_t index, Step *step)
{
    uint64_t entry = entry_at(self, table, index);
    int failure = 0;

    step->n = 1;
    if (has_room(self, entry)) {
        step->first = entry & VT_QCOW2_OFFSET;
    } else if (self->has_data_file) {
        step->n = count_new(self, table, index, step);
        step->first = (uint64_t)step->flight.start;
    } else {
        step->n = count_new(self, table, index, step);
        step->fresh = true;
        failure = vt_qcow2_allocate(self, task, &step->n, false, &step->first);
        step->zero = !failure && vt_qcow2_take_virgin(self, step->first, step->n << self->header.cluster_bits);
    }
    return failure;
}

static int
choose(VtQcow2 *self, VtBlockRequest *task, Step *step)
{
    int64_t start = (int64_t)vt_qcow2_down(self, (uint64_t)step->offset);
    VtQcow2Extent extent;
    VtQcow2Table *table;
    size_t index;
    int failure;

    vt_qcow2_await_flights(self, start, start + self->cluster_size);
    failure = vt_qcow2_prepare(self, task);
    if (!failure) {
        failure = vt_qcow2_load_own(self, task, step->offset, &table);
    }
    if (failure) {
        return failure;
    }
    pthread_mutex_lock(&self->lock);
    failure = vt_qcow2_map(self, step->offset, step->size, &extent) == VT_QCOW2_FOUND ? 0 : -EIO;
    step->in_place = !failure && extent.kind == VT_QCOW2_DATA && extent.writable;
    if (step->in_place) {
        step->mark = vt_qcow2_enter(self);
        step->host = extent.host;
        step->size = extent.size;
    }
    pthread_mutex_unlock(&self->lock);
    if (failure || step->in_place) {
        return failure;
    }
    vt_qcow2_l2_slice(self, step->offset, &index);
    if (has_room(self, entry_at(self, table, index))) {
        /* Other parts of the cluster are written in place meanwhile. */
        step->size = MIN(step->size, extent.size);
    }
    step->flight.start = start;
    failure = choose_clusters(self, task, table, index, step);
    if (failure) {
        return failure;
    }
    step->flight.end = start + (int64_t)(step->n << self->header.cluster_bits);
    step->size = MIN(step->size, step->flight.end - step->offset);
    step->host = (int64_t)step->first + (step->offset - start);
    take_off(self, &step->flight);
    return 0;
}

/* ---- data, without locks -------------------------------------------------------------------------------- */

/* Whether the range reads as zeroes. */
static bool
is_zero(VtQcow2 *self, VtBlockRequest *task, int64_t offset, int64_t size)
{
    while (size > 0) {
        VtQcow2Extent extent;

        if (offset >= atomic_load(&self->size)) {
            return true;
        }
        if (vt_qcow2_find(self, task, offset, size, &extent) || extent.kind == VT_QCOW2_DATA ||
            extent.kind == VT_QCOW2_DEFLATED ||
            (extent.kind == VT_QCOW2_HOLE && !vt_qcow2_hole_is_zero(self, offset))) {
            return false;
        }
        offset += extent.size;
        size -= extent.size;
    }
    return true;
}

/* The old data beside what is written, in its first and last cluster.  *ret NULL: it need not be written. */
static int
read_beside(VtQcow2 *self, VtBlockRequest *task, const Step *step, int64_t offset, int64_t size, uint8_t **ret)
{
    *ret = NULL;
    if (!size || (step->zero && is_zero(self, task, offset, size))) {
        return 0;
    }
    *ret = g_try_malloc((size_t)size);
    return *ret ? vt_qcow2_read(self, task, offset, *ret, size) : -ENOMEM;
}

static int
check_data(VtQcow2 *self, VtBlockRequest *task, const Step *step)
{
    int failure = 0;

    if (self->data == self->file && vt_qcow2_overlaps(self, (uint64_t)step->host, (uint64_t)step->size)) {
        pthread_mutex_lock(&self->tables);
        failure = vt_qcow2_check_overlap(self, task, (uint64_t)step->host, (uint64_t)step->size);
        pthread_mutex_unlock(&self->tables);
    }
    return failure;
}

/* Writes the data of a step between @head and @tail. */
static int
write_between(VtQcow2 *self, VtBlockRequest *task, const Step *step, const VtBlockRequest *source, int64_t at,
              struct iovec head, struct iovec tail)
{
    size_t n = source ? vt_block_slice(source, at, step->size, NULL) : 1, used = 0;
    g_autofree struct iovec *iov = g_new(struct iovec, n + 2);
    g_autofree void *zeroes = source ? NULL : g_try_malloc0((size_t)step->size);

    if (!source && !zeroes) {
        return -ENOMEM;
    }
    if (head.iov_base) {
        iov[used++] = head;
    }
    if (source) {
        vt_block_slice(source, at, step->size, iov + used);
    } else {
        iov[used] = (struct iovec){zeroes, (size_t)step->size};
    }
    used += n;
    if (tail.iov_base) {
        iov[used++] = tail;
    }
    return vt_block_task_vector(task, self->data, VT_BLOCK_WRITE,
                                step->host - (head.iov_base ? (int64_t)head.iov_len : 0), iov, used, VT_BLOCK_GROW);
}

/* The range that is written: from the subcluster of its start, or from the cluster. */
static int64_t
begin_of(const VtQcow2 *self, const Step *step)
{
    return step->offset & ~((step->whole ? self->cluster_size : self->sub_size) - 1);
}

static int64_t
end_of(const VtQcow2 *self, const Step *step)
{
    int64_t unit = step->whole ? self->cluster_size : self->sub_size;

    return (step->offset + step->size + unit - 1) & ~(unit - 1);
}

static int
write_new(VtQcow2 *self, VtBlockRequest *task, const Step *step, const VtBlockRequest *source, int64_t at)
{
    int64_t end = step->offset + step->size;
    struct iovec head = {NULL, (size_t)(step->offset - begin_of(self, step))};
    struct iovec tail = {NULL, (size_t)(end_of(self, step) - end)};
    g_autofree uint8_t *before = NULL, *after = NULL;
    int failure = read_beside(self, task, step, step->offset - (int64_t)head.iov_len, (int64_t)head.iov_len, &before);

    if (!failure) {
        failure = read_beside(self, task, step, end, (int64_t)tail.iov_len, &after);
    }
    head.iov_base = before;
    tail.iov_base = after;
    return failure ? failure : write_between(self, task, step, source, at, head, tail);
}

/* ---- entries, with VtQcow2.tables held ------------------------------------------------------------------------- */

/* The bitmap of cluster @i of the step, after the write. */
static uint64_t
bitmap_of(const VtQcow2 *self, const VtQcow2Table *table, size_t index, const Step *step, uint64_t i)
{
    uint64_t bitmap, written;
    int64_t start = step->flight.start + (int64_t)(i << self->header.cluster_bits);
    int64_t from = MAX(begin_of(self, step) - start, 0) / self->sub_size;
    int64_t to = MIN(end_of(self, step) - start, self->cluster_size) / self->sub_size;

    if (self->entry_size == 8) {
        return 0;
    }
    bitmap =
        entry_at(self, table, index) & VT_QCOW2_PACKED ? 0 : vt_qcow2_get64(table->data + index * self->entry_size + 8);
    written = ((UINT64_C(1) << to) - 1) & ~((UINT64_C(1) << from) - 1);
    return (bitmap | written) & ~(written << 32);
}

static int
link_clusters(VtQcow2 *self, VtBlockRequest *task, const Step *step)
{
    VtQcow2Table *table;
    size_t index;
    int failure = vt_qcow2_load_own(self, task, step->flight.start, &table);

    if (failure) {
        return failure;
    }
    vt_qcow2_l2_slice(self, step->flight.start, &index);
    for (uint64_t i = 0; i < step->n; i++, index++) {
        vt_qcow2_set_entry(self, table, index, (step->first + (i << self->header.cluster_bits)) | VT_QCOW2_COPIED,
                           bitmap_of(self, table, index, step, i), VT_QCOW2_OTHER);
    }
    return 0;
}

/* ---- all ------------------------------------------------------------------------------------------------ */

static int
write_in_place(VtQcow2 *self, VtBlockRequest *task, const Step *step, const VtBlockRequest *source, int64_t at)
{
    static const struct iovec none = {NULL, 0};
    int failure = check_data(self, task, step);

    if (!failure) {
        failure = write_between(self, task, step, source, at, none, none);
    }
    pthread_mutex_lock(&self->lock);
    vt_qcow2_leave(self, step->mark);
    pthread_mutex_unlock(&self->lock);
    return failure;
}

static int
write_in_flight(VtQcow2 *self, VtBlockRequest *task, const Step *step, const VtBlockRequest *source, int64_t at)
{
    int failure = check_data(self, task, step);

    if (!failure) {
        failure = write_new(self, task, step, source, at);
    }
    pthread_mutex_lock(&self->tables);
    self->unflushed = true;
    if (!failure) {
        failure = link_clusters(self, task, step);
    }
    if (failure && step->fresh) {
        vt_qcow2_unallocate(self, task, step->first, step->n << self->header.cluster_bits);
    }
    land(self, &step->flight);
    if (!failure && self->fresh->len + self->written->len > VT_QCOW2_FREES_MAX) {
        failure = vt_qcow2_store(self, task, true);
    }
    pthread_mutex_unlock(&self->tables);
    return failure;
}

int
vt_qcow2_write(VtQcow2 *self, VtBlockRequest *task, const VtBlockRequest *source, int64_t offset, int64_t size,
               int64_t at)
{
    int failure = 0;

    while (size && !failure) {
        Step step = {.offset = offset, .size = source ? size : MIN(size, ZEROES_MAX)};

        pthread_mutex_lock(&self->tables);
        failure = choose(self, task, &step);
        pthread_mutex_unlock(&self->tables);
        if (!failure) {
            failure = step.in_place ? write_in_place(self, task, &step, source, at)
                                    : write_in_flight(self, task, &step, source, at);
        }
        offset += step.size;
        at += step.size;
        size -= step.size;
    }
    return failure;
}

int
vt_qcow2_write_task(VtBlockRequest *task)
{
    VtQcow2 *self = task->node->state;
    int failure = vt_qcow2_write(self, task, task, task->offset, task->size, 0);

    if (!failure && task->flags & VT_BLOCK_FUA) {
        failure = vt_qcow2_flush_task(task);
    }
    return failure;
}
