/* SPDX-License-Identifier: MIT */
/*
 * Opens an image: reads what is in memory as a whole, and creates the caches.
 */
#include <errno.h>

#include "qcow2.h"
#include "vt-runtime/error.h"

#define FIRST              4096
#define L2_CACHE_MAX       (UINT64_C(32) << 20)
#define SNAPSHOT_ENTRY     40
#define SNAPSHOT_EXTRA_MAX 1024

/* ---- header --------------------------------------------------------------------------------------------- */

typedef struct Opening {
    VtQcow2 *self;
    GError **error;
} Opening;

static uint32_t
get32(const uint8_t *data)
{
    return (uint32_t)data[0] << 24 | (uint32_t)data[1] << 16 | (uint32_t)data[2] << 8 | data[3];
}

static int
fail_read(const Opening *opening, const char *what, int failure)
{
    vt_error_set(opening->error, "file: the %s of the image cannot be read: %s", what, g_strerror(-failure));
    return failure;
}

static int
read_header(VtBlockRequest *task, const Opening *opening)
{
    VtQcow2 *self = opening->self;
    size_t size = (size_t)MIN(self->end, FIRST);
    g_autofree uint8_t *data = g_malloc0(FIRST);
    int failure = vt_block_task_read(task, self->file, 0, data, (int64_t)size);
    uint32_t bits = get32(data + 20);

    if (!failure && size == FIRST && bits > 12 && bits <= 21 && get32(data) == VT_QCOW2_MAGIC) {
        size = (size_t)MIN(self->end, (uint64_t)1 << bits);
        g_free(data);
        data = g_try_malloc(size);
        failure = !data ? -ENOMEM : vt_block_task_read(task, self->file, 0, data, (int64_t)size);
    }
    if (failure) {
        return fail_read(opening, "header", failure);
    }
    return vt_qcow2_header_read(&self->header, data, size, self->end, opening->error) ? 0 : -EINVAL;
}

/* ---- tables --------------------------------------------------------------------------------------------- */

/* Reads the entry of a snapshot at *at, which then is its end. */
static int
read_snapshot(VtBlockRequest *task, const Opening *opening, uint64_t *at, VtQcow2Snapshot *ret)
{
    VtQcow2 *self = opening->self;
    uint8_t entry[SNAPSHOT_ENTRY];
    int failure = vt_block_task_read(task, self->file, (int64_t)*at, entry, sizeof(entry));
    size_t id = (size_t)entry[12] << 8 | entry[13], name = (size_t)entry[14] << 8 | entry[15];
    uint32_t extra = get32(entry + 36);
    g_autofree char *names = NULL;
    uint8_t size[8] = {0};

    if (failure || extra > SNAPSHOT_EXTRA_MAX) {
        return failure ? failure : -EINVAL;
    }
    names = g_try_malloc(id + name + 1);
    failure = names ? 0 : -ENOMEM;
    if (!failure && extra >= sizeof(size)) {
        failure = vt_block_task_read(task, self->file, (int64_t)*at + SNAPSHOT_ENTRY, size, sizeof(size));
    }
    if (!failure && id + name) {
        failure =
            vt_block_task_read(task, self->file, (int64_t)(*at + SNAPSHOT_ENTRY + extra), names, (int64_t)(id + name));
    }
    if (failure) {
        return failure;
    }
    *ret = (VtQcow2Snapshot){
        .offset = vt_qcow2_get64(entry),
        .n = get32(entry + 8),
        .id = g_strndup(names, id),
        .name = g_strndup(names + id, name),
        .seconds = get32(entry + 16),
        .nanoseconds = get32(entry + 20),
        .clock_ns = vt_qcow2_get64(entry + 24),
        .state_size = extra >= sizeof(size) ? vt_qcow2_get64(size) : get32(entry + 32),
    };
    *at = (*at + SNAPSHOT_ENTRY + extra + id + name + 7) / 8 * 8;
    return 0;
}

static int
read_snapshots(VtBlockRequest *task, const Opening *opening)
{
    VtQcow2 *self = opening->self;
    uint64_t at = self->header.snapshots_offset, limit = vt_qcow2_up(self, self->end);

    for (uint32_t i = 0; i < self->header.n_snapshots; i++) {
        VtQcow2Snapshot snapshot = {0};
        int failure = read_snapshot(task, opening, &at, &snapshot);

        if (failure) {
            return fail_read(opening, "snapshot table", failure);
        }
        g_array_append_val(self->snapshots, snapshot);
        if (snapshot.offset % (uint64_t)self->cluster_size || snapshot.n * 8 > VT_QCOW2_L1_MAX ||
            snapshot.offset > limit || snapshot.n * 8 > limit - snapshot.offset || at > limit) {
            vt_error_set(opening->error,
                         "file: the L1 table of snapshot %u of the image is at '%" G_GUINT64_FORMAT
                         "', which is not in the file",
                         i, snapshot.offset);
            return -EINVAL;
        }
    }
    self->snapshots_size = at - self->header.snapshots_offset;
    return 0;
}

static int
read_array(VtBlockRequest *task, const Opening *opening, const char *what, VtQcow2Array *array, uint64_t n,
           uint64_t offset)
{
    int failure = vt_qcow2_array_init(array, n, offset) ? 0 : -ENOMEM;

    if (!failure) {
        failure = vt_qcow2_array_read(opening->self, task, array);
    }
    return failure ? fail_read(opening, what, failure) : 0;
}

static void
set_sizes(VtQcow2 *self)
{
    const VtQcow2Header *header = &self->header;
    bool extended = header->incompatible & VT_QCOW2_EXTENDED;

    self->cluster_size = (int64_t)1 << header->cluster_bits;
    self->sub_size = extended ? self->cluster_size / 32 : self->cluster_size;
    self->entry_size = extended ? 16 : 8;
    self->l2_bits = header->cluster_bits - (extended ? 4 : 3);
    self->refcount_bits = 1u << header->refcount_order;
    self->block_entries = (uint64_t)self->cluster_size * 8 / self->refcount_bits;
    self->has_data_file = header->incompatible & VT_QCOW2_DATA_FILE;
    self->raw_data = self->has_data_file && header->autoclear & VT_QCOW2_DATA_RAW;
    self->lazy = header->version >= 3 &&
                 (vt_object_has(self->object, "lazy-refcounts") ? self->config->lazy_refcounts
                                                                : (header->compatible & VT_QCOW2_LAZY) != 0);
    self->size = (int64_t)((header->size + VT_BLOCK_SECTOR - 1) / VT_BLOCK_SECTOR * VT_BLOCK_SECTOR);
    self->virgin = self->grows_zero ? vt_qcow2_up(self, self->end) : UINT64_MAX;
}

static int
open_work(VtBlockRequest *task)
{
    const Opening *opening = task->opaque;
    VtQcow2 *self = opening->self;
    int failure = read_header(task, opening);

    if (failure) {
        return failure;
    }
    set_sizes(self);
    failure = read_array(task, opening, "L1 table", &self->l1, self->header.l1_size, self->header.l1_offset);
    if (!failure) {
        failure = read_array(task, opening, "refcount table", &self->refcounts,
                             (uint64_t)self->header.table_clusters * (uint64_t)self->cluster_size / 8,
                             self->header.table_offset);
    }
    return failure ? failure : read_snapshots(task, opening);
}

/* ---- caches --------------------------------------------------------------------------------------------- */

/* The limits that the members set, as those of QEMU: a total is divided by need. */
static bool
make_caches(VtQcow2 *self, GError **error)
{
    const VtBlockdevQcow2 *config = self->config;
    uint64_t cluster = (uint64_t)self->cluster_size, disk = (uint64_t)self->size;
    uint64_t needed = (disk / cluster + 1) * self->entry_size, slice = MIN(cluster, 4096);
    bool total = vt_object_has(self->object, "cache-size"), of_l2 = vt_object_has(self->object, "l2-cache-size");
    bool of_blocks = vt_object_has(self->object, "refcount-cache-size");
    uint64_t all = (uint64_t)config->cache_size, l2 = MIN(needed, L2_CACHE_MAX), blocks = 4 * cluster;

    if (vt_object_has(self->object, "l2-cache-entry-size")) {
        slice = (uint64_t)config->l2_cache_entry_size;
    }
    if (slice & (slice - 1) || slice > cluster) {
        return vt_error_set(error,
                            "l2-cache-entry-size: '%" G_GUINT64_FORMAT
                            "' is no power of two up to the cluster size, %" G_GUINT64_FORMAT,
                            slice, cluster);
    }
    if (total && of_l2 && of_blocks) {
        return vt_error_set(error, "cache-size: cannot be set together with l2-cache-size and refcount-cache-size");
    }
    if (total && ((of_l2 && config->l2_cache_size > config->cache_size) ||
                  (of_blocks && config->refcount_cache_size > config->cache_size))) {
        return vt_error_set(error, "cache-size: '%" G_GINT64_FORMAT "' is less than the size of one of the caches",
                            config->cache_size);
    }
    if (of_l2) {
        l2 = (uint64_t)config->l2_cache_size;
    } else if (total) {
        l2 = MIN(needed, all - (of_blocks ? (uint64_t)config->refcount_cache_size : MIN(blocks, all)));
    }
    if (of_blocks) {
        blocks = (uint64_t)config->refcount_cache_size;
    } else if (total) {
        blocks = all - MIN(l2, all);
    }
    vt_qcow2_cache_init(&self->l2, (size_t)slice, (unsigned)CLAMP(l2 / slice, 2, UINT32_MAX / 2));
    vt_qcow2_cache_init(&self->blocks, (size_t)cluster, (unsigned)CLAMP(blocks / cluster, 4, UINT32_MAX / 2));
    self->l2_entries = (unsigned)(slice / self->entry_size);
    return true;
}

static bool
check_use(VtQcow2 *self, GError **error)
{
    const VtQcow2Header *header = &self->header;

    if (header->incompatible & VT_QCOW2_CORRUPT && !self->node->read_only) {
        return vt_error_set(error, "file: the image is marked as corrupt; set read-only=on, or repair it with "
                                   "'qemu-img check -r all'");
    }
    if (self->has_data_file && header->n_snapshots) {
        return vt_error_set(error, "file: the image has '%u' snapshots and a data file, which exclude each other",
                            header->n_snapshots);
    }
    if (vt_object_has(self->object, "encrypt")) {
        return vt_error_set(error, "encrypt: the image is not encrypted, and encryption is not supported");
    }
    if (vt_object_has(self->object, "lazy-refcounts") && self->config->lazy_refcounts && header->version < 3) {
        return vt_error_set(error, "lazy-refcounts: requires an image of version 3; this one has version '%u'",
                            header->version);
    }
    return true;
}

bool
vt_qcow2_open(VtQcow2 *self, GError **error)
{
    Opening opening = {self, error};
    int failure;

    self->end = (uint64_t)vt_block_node_length(self->file);
    failure = vt_block_task_run(self->node, open_work, &opening);
    if (failure) {
        return (error && *error) ? false
                                 : vt_error_set(error, "file: the image cannot be read: %s", g_strerror(-failure));
    }
    return check_use(self, error) && vt_qcow2_inflate_load(&self->header, error) && make_caches(self, error);
}
