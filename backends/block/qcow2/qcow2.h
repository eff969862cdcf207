/* SPDX-License-Identifier: MIT */
/*
 * Shared by the parts of the driver qcow2.
 *
 * A cluster of the guest is found by its entry in an L2 table, and that table by the L1 table, which is in memory.  L2
 * tables and refcount blocks are in caches.  Where the tables are cached and no cluster is allocated, a request is
 * mapped in its loop's thread and forwarded.  All else is a task.
 *
 * Two locks protect the tables.  A task that loads or changes them holds @tables, also while it waits for the disk.
 * @lock is held for each access to the L1 table and the L2 cache, never while waiting, so that loops can take it.
 */
#pragma once

#include <stdatomic.h>
#include <string.h>

#include "block/node.h"

#define VT_QCOW2_MAGIC     0x514649fbu
#define VT_QCOW2_COPIED    (UINT64_C(1) << 63) /* L1 and L2 entries: no snapshot uses the cluster */
#define VT_QCOW2_PACKED    (UINT64_C(1) << 62) /* L2 entries: compressed */
#define VT_QCOW2_ZERO      UINT64_C(1)         /* L2 entries: reads as zeroes */
#define VT_QCOW2_OFFSET    UINT64_C(0x00fffffffffffe00)
#define VT_QCOW2_SECTION   512                  /* of L1 and refcount tables: unit in which changes are written */
#define VT_QCOW2_FREES_MAX 4096                 /* freed ranges that wait for a flush */
#define VT_QCOW2_L1_MAX    (UINT64_C(32) << 20) /* bytes */

enum {
    VT_QCOW2_DIRTY = 1 << 0,
    VT_QCOW2_CORRUPT = 1 << 1,
    VT_QCOW2_DATA_FILE = 1 << 2,
    VT_QCOW2_COMPRESSION = 1 << 3,
    VT_QCOW2_EXTENDED = 1 << 4
};                                                              /* incompatible features */
enum { VT_QCOW2_LAZY = 1 << 0 };                                /* compatible features */
enum { VT_QCOW2_BITMAPS = 1 << 0, VT_QCOW2_DATA_RAW = 1 << 1 }; /* autoclear features */

typedef struct VtQcow2Header {
    uint32_t version, cluster_bits, l1_size, table_clusters, n_snapshots, refcount_order, length, compression;
    uint64_t size, l1_offset, table_offset, snapshots_offset, incompatible, compatible, autoclear;
    char *backing, *backing_format, *data_file; /* NULL: none */
    uint32_t n_bitmaps;                         /* 0: no such extension */
    uint64_t bitmaps_size, bitmaps_offset;
} VtQcow2Header;

/* A table of the image in memory, in its format. */
typedef struct VtQcow2Table {
    uint64_t offset;
    bool dirty;
    uint8_t *data;
    int64_t used_ns;
    struct VtQcow2Table *older, *newer;
} VtQcow2Table;

typedef struct VtQcow2Cache {
    GHashTable *tables; /* key: &VtQcow2Table.offset */
    size_t table_size;
    unsigned max, n_dirty;
    VtQcow2Table *oldest, *newest;
} VtQcow2Cache;

/* A table that is in memory as a whole, in the byte order of the host. */
typedef struct VtQcow2Array {
    uint64_t *entries;
    uint64_t n, offset;
    uint8_t *dirty; /* one for each VT_QCOW2_SECTION bytes */
    bool any_dirty;
} VtQcow2Array;

/* What a range of the guest is. */
typedef enum VtQcow2Kind { VT_QCOW2_HOLE, VT_QCOW2_ZEROES, VT_QCOW2_DATA, VT_QCOW2_DEFLATED } VtQcow2Kind;

typedef struct VtQcow2Extent {
    VtQcow2Kind kind;
    int64_t size;
    int64_t host;   /* of data: offset in the data file */
    bool writable;  /* data: it can be overwritten */
    uint64_t entry; /* of the compressed cluster */
} VtQcow2Extent;

/* Clusters that no table refers to any more.  Their refcounts change after that is on stable storage, and after the end
 * of all requests that may still use the clusters. */
typedef enum VtQcow2Reason { VT_QCOW2_REQUEST, VT_QCOW2_SNAPSHOT, VT_QCOW2_OTHER } VtQcow2Reason;
typedef struct VtQcow2Free {
    uint64_t offset, size;
    VtQcow2Reason reason;
    uint64_t epoch;
} VtQcow2Free;

/* Clusters of the guest that a task allocates. */
typedef struct VtQcow2Flight {
    int64_t start, end;
    struct VtQcow2Flight *next;
} VtQcow2Flight;

/* A snapshot, whose L1 table has @n entries at @offset. */
typedef struct VtQcow2Snapshot {
    uint64_t offset, n;
    char *id, *name;
    uint64_t state_size, clock_ns;
    uint32_t seconds, nanoseconds; /* of its creation */
} VtQcow2Snapshot;

typedef struct VtQcow2 {
    VtObject *object;
    const VtBlockdevQcow2 *config;
    VtBlockNode *node, *file, *data, *backing; /* @data: @file without a data file; @backing: NULL without one */
    VtVm *implicit;                            /* has the nodes that only the header names; NULL: none */
    VtHolder *holders[2];                      /* of those nodes */
    VtQcow2Header header;
    int64_t cluster_size, sub_size; /* @sub_size: unit in which a cluster is written */
    unsigned entry_size, l2_entries, l2_bits, refcount_bits;
    uint64_t block_entries; /* of a refcount block */
    bool has_data_file, lazy, discards, raw_data;
    bool grows_zero;         /* the file grows by zeroes */
    guint cleaner;           /* of the caches; 0: none */
    GArray *snapshots;       /* of VtQcow2Snapshot */
    uint64_t snapshots_size; /* of their table, in bytes */
    _Atomic int64_t size;    /* of the guest's disk */

    pthread_mutex_t lock;
    VtQcow2Cache l2;
    VtQcow2Array l1;
    uint64_t epoch;
    unsigned active[2]; /* requests of this epoch and of the one before, by its parity */

    pthread_mutex_t tables;
    pthread_cond_t landed; /* a flight has ended */
    VtQcow2Cache blocks;
    VtQcow2Array refcounts;
    VtQcow2Flight *flights;
    GArray *fresh, *written, *durable; /* of VtQcow2Free: their entries are in memory, on disk, on stable storage */
    uint64_t next_free;                /* no cluster before this one is free; a number of clusters */
    uint64_t virgin;                   /* from this offset on, the file has never been written; UINT64_MAX: unknown */
    uint64_t end;                      /* length of the file when it was opened */
    bool unflushed;                    /* data or refcounts have been written since the last flush */
    int failure;                       /* -errno: the tables in memory are unusable for writing */
    bool moving;                       /* the refcount table on disk does not fit that in memory */
    _Atomic bool prepared;             /* the header permits writing */
    _Atomic bool changed;              /* a flush has tables to write */
} VtQcow2;

static inline uint64_t
vt_qcow2_down(const VtQcow2 *self, uint64_t offset)
{
    return offset & ~(uint64_t)(self->cluster_size - 1);
}

static inline uint64_t
vt_qcow2_up(const VtQcow2 *self, uint64_t offset)
{
    return vt_qcow2_down(self, offset + (uint64_t)self->cluster_size - 1);
}

static inline uint64_t
vt_qcow2_get64(const void *data)
{
    uint64_t value;

    memcpy(&value, data, sizeof(value));
    return GUINT64_FROM_BE(value);
}

static inline void
vt_qcow2_put64(void *data, uint64_t value)
{
    value = GUINT64_TO_BE(value);
    memcpy(data, &value, sizeof(value));
}

/* ---- header.c ---------------------------------------------------------------------------------------------------- */

/* Reads the header from @data, the first cluster or less of a file of @length bytes. */
bool vt_qcow2_header_read(VtQcow2Header *header, const uint8_t *data, size_t size, uint64_t length, GError **error);
void vt_qcow2_header_clear(VtQcow2Header *header);

/* ---- open.c ------------------------------------------------------------------------------------------------------ */

/* Reads the tables, and makes the caches. */
bool vt_qcow2_open(VtQcow2 *self, GError **error);

/* For VtBlockDriver.describe. */
void vt_qcow2_describe(VtBlockNode *node, struct json_object *image);

/* ---- chain.c ----------------------------------------------------------------------------------------------------- */

/* Finds or makes the backing node and the data file. */
bool vt_qcow2_chain_open(VtQcow2 *self, GError **error);
void vt_qcow2_chain_close(VtQcow2 *self);
/* The reference of the member backing; NULL: none. */
const VtRef *vt_qcow2_backing_ref(const VtQcow2 *self);

/* ---- cache.c ----------------------------------------------------------------------------------------------------- */

void vt_qcow2_cache_init(VtQcow2Cache *cache, size_t table_size, unsigned max);
void vt_qcow2_cache_clear(VtQcow2Cache *cache);
VtQcow2Table *vt_qcow2_cache_find(VtQcow2Cache *cache, uint64_t offset); /* NULL: not cached */
/* Removes the oldest table if the cache is full.  False: all tables are dirty. */
bool vt_qcow2_cache_make_room(VtQcow2Cache *cache);
/* Takes ownership of @data. */
VtQcow2Table *vt_qcow2_cache_add(VtQcow2Cache *cache, uint64_t offset, uint8_t *data);
void vt_qcow2_cache_remove(VtQcow2Cache *cache, uint64_t offset);
void vt_qcow2_cache_set_dirty(VtQcow2Cache *cache, VtQcow2Table *table, bool dirty);
/* Removes clean tables that were not used for @seconds. */
void vt_qcow2_cache_clean(VtQcow2Cache *cache, int64_t seconds);
/* Returns the dirty tables, by offset.  The caller frees the array. */
GPtrArray *vt_qcow2_cache_dirty(VtQcow2Cache *cache);

/* ---- map.c ------------------------------------------------------------------------------------------------------- */

/* A mapping of a range: the tables that it needs are cached.  Hold VtQcow2.lock. */
typedef enum VtQcow2Found { VT_QCOW2_FOUND, VT_QCOW2_MISSING, VT_QCOW2_BROKEN } VtQcow2Found;
static inline bool
vt_qcow2_is_allocated(const VtQcow2 *self, uint64_t entry)
{
    return !(entry & VT_QCOW2_PACKED) && (entry & VT_QCOW2_OFFSET || (self->has_data_file && entry & VT_QCOW2_COPIED));
}

/* Describes the guest's range from @offset on, up to @size bytes. */
VtQcow2Found vt_qcow2_map(VtQcow2 *self, int64_t offset, int64_t size, VtQcow2Extent *ret);
/* The place of an entry. */
/* Whether the backing node, or its absence, makes a hole at @offset read as zeroes. */
bool vt_qcow2_hole_is_zero(const VtQcow2 *self, int64_t offset);
uint64_t vt_qcow2_l1_index(const VtQcow2 *self, int64_t offset);
uint64_t vt_qcow2_l2_slice(const VtQcow2 *self, int64_t offset, size_t *ret_entry); /* from the start of the table */
/* The place of a compressed cluster in the file. */
uint64_t vt_qcow2_packed(const VtQcow2 *self, uint64_t entry, uint64_t *ret_size);
/* Loads the slice of the L2 table with the entry of @offset.  *ret NULL: there is no table.  Hold VtQcow2.tables. */
int vt_qcow2_load(VtQcow2 *self, VtBlockRequest *task, int64_t offset, VtQcow2Table **ret);
/* As vt_qcow2_map(), in a task. */
int vt_qcow2_find(VtQcow2 *self, VtBlockRequest *task, int64_t offset, int64_t size, VtQcow2Extent *ret);

/* ---- epoch.c ----------------------------------------------------------------------------------------------------- */

/* Between both, no cluster that the request has found is reused.  Hold VtQcow2.lock for both. */
uint32_t vt_qcow2_enter(VtQcow2 *self);
void vt_qcow2_leave(VtQcow2 *self, uint32_t mark);
/* Begins an epoch if the requests of the one before the current have ended. */
void vt_qcow2_epoch_advance(VtQcow2 *self);

/* ---- read.c ------------------------------------------------------------------------------------------------------ */

int vt_qcow2_read_task(VtBlockRequest *task);
/* Reads a range of the guest's disk; what is beyond its end is zero. */
int vt_qcow2_read(VtQcow2 *self, VtBlockRequest *task, int64_t offset, void *data, int64_t size);

/* ---- status.c ---------------------------------------------------------------------------------------------------- */

/* Answers VT_BLOCK_STATUS. */
void vt_qcow2_status(VtQcow2 *self, VtBlockRequest *request);

/* ---- inflate.c --------------------------------------------------------------------------------------------------- */

/* Loads what the image needs to decompress. */
bool vt_qcow2_inflate_load(const VtQcow2Header *header, GError **error);
/* Decompresses a cluster. @compression: as VtQcow2Header.compression. */
int vt_qcow2_inflate(uint32_t compression, const uint8_t *from, size_t size, uint8_t *to, size_t to_size);

/* ---- write.c ----------------------------------------------------------------------------------------------------- */

int vt_qcow2_write_task(VtBlockRequest *task);
/* Writes bytes @at to @at + @size of the buffers of @source, or zeroes without one. */
int vt_qcow2_write(VtQcow2 *self, VtBlockRequest *task, const VtBlockRequest *source, int64_t offset, int64_t size,
                   int64_t at);
/* Hold VtQcow2.tables for these: */
/* Makes the header permit writing, before the first change. */
int vt_qcow2_prepare(VtQcow2 *self, VtBlockRequest *task);
/* As vt_qcow2_load(), for changes: allocates or copies the table. */
int vt_qcow2_load_own(VtQcow2 *self, VtBlockRequest *task, int64_t offset, VtQcow2Table **ret);
/* Waits until no task allocates clusters of the range. */
void vt_qcow2_await_flights(VtQcow2 *self, int64_t start, int64_t end);
/* Changes an entry, whose old cluster is freed if the new entry is of another one. */
void vt_qcow2_set_entry(VtQcow2 *self, VtQcow2Table *table, size_t index, uint64_t entry, uint64_t bitmap,
                        VtQcow2Reason reason);

/* ---- zeroes.c ---------------------------------------------------------------------------------------------------- */

int vt_qcow2_zeroes_task(VtBlockRequest *task);
int vt_qcow2_discard_task(VtBlockRequest *task);
int vt_qcow2_zero(VtQcow2 *self, VtBlockRequest *task, int64_t offset, int64_t size, bool unmap);

/* ---- refcount.c, allocate.c, release.c, with VtQcow2.tables held ------------------------------------------------- */

int vt_qcow2_refcount(VtQcow2 *self, VtBlockRequest *task, uint64_t cluster, uint64_t *ret);
/* Makes room for a block in the cache. */
int vt_qcow2_refcount_room(VtQcow2 *self, VtBlockRequest *task);
/* There is a block for the cluster. */
int vt_qcow2_refcount_put(VtQcow2 *self, VtBlockRequest *task, uint64_t cluster, uint64_t value);
/* Makes the block, if it is not there. */
int vt_qcow2_refcount_set(VtQcow2 *self, VtBlockRequest *task, uint64_t cluster, uint64_t value);
/* Allocates up to *n clusters in a row, or exactly *n; *ret is the offset of the first. */
int vt_qcow2_allocate(VtQcow2 *self, VtBlockRequest *task, uint64_t *n, bool exactly, uint64_t *ret);
/* Returns whether the file was never written from @offset on, so that it reads as zeroes; from now on it is. */
static inline bool
vt_qcow2_take_virgin(VtQcow2 *self, uint64_t offset, uint64_t size)
{
    bool virgin = offset >= self->virgin;

    self->virgin = MAX(self->virgin, offset + size);
    return virgin;
}
/* Frees clusters that nothing has ever referred to. */
void vt_qcow2_unallocate(VtQcow2 *self, VtBlockRequest *task, uint64_t offset, uint64_t size);
/* Frees clusters after the change of the tables, which the caller has made in memory, is on stable storage. */
void vt_qcow2_free_later(VtQcow2 *self, uint64_t offset, uint64_t size, VtQcow2Reason reason);
/* Changes the refcounts of the freed clusters that no request can use any more. */
int vt_qcow2_free_now(VtQcow2 *self, VtBlockRequest *task);

/* ---- store.c, finish.c, with VtQcow2.tables held ----------------------------------------------------------------- */

/* Fails if bytes of the fixed structures of the image are in the range, and marks the image as corrupt. */
int vt_qcow2_check_overlap(VtQcow2 *self, VtBlockRequest *task, uint64_t offset, uint64_t size);
bool vt_qcow2_overlaps(const VtQcow2 *self, uint64_t offset, uint64_t size);
/* Writes the dirty tables, in an order that keeps the image consistent.  @flush: all is on stable storage then. */
int vt_qcow2_store(VtQcow2 *self, VtBlockRequest *task, bool flush);
/* Parts of it. */
int vt_qcow2_store_refcounts(VtQcow2 *self, VtBlockRequest *task);
int vt_qcow2_store_all(VtQcow2 *self, VtBlockRequest *task, bool refcounts);
/* Whether refcounts are not written until the image is clean again. */
bool vt_qcow2_is_lazy(const VtQcow2 *self);
/* Writes everything, and marks the image as clean. */
int vt_qcow2_finish(VtQcow2 *self, VtBlockRequest *task);
int vt_qcow2_flush_files(VtQcow2 *self, VtBlockRequest *task);
/* Writes the features of the header, and flushes. */
int vt_qcow2_store_features(VtQcow2 *self, VtBlockRequest *task);
int vt_qcow2_flush_task(VtBlockRequest *task);
bool vt_qcow2_array_init(VtQcow2Array *array, uint64_t n, uint64_t offset); /* false: no memory */
void vt_qcow2_array_clear(VtQcow2Array *array);
int vt_qcow2_array_read(VtQcow2 *self, VtBlockRequest *task, VtQcow2Array *array);
int vt_qcow2_array_write(VtQcow2 *self, VtBlockRequest *task, const VtQcow2Array *array); /* all of it */
void vt_qcow2_array_set(VtQcow2Array *array, uint64_t index, uint64_t value);

/* ---- repair.c, resize.c ------------------------------------------------------------------------------------------ */

/* Counts all references again, and corrects the refcounts.  Hold VtQcow2.tables. */
int vt_qcow2_repair(VtQcow2 *self, VtBlockRequest *task);
/* For VtBlockDriver.resize. */
bool vt_qcow2_resize(VtBlockNode *node, int64_t length, GError **error);
