/* SPDX-License-Identifier: MIT */
/*
 * Caches of tables, each with a limit.  The least recently used table leaves first.
 */
#include "qcow2.h"

#define SECOND_NS INT64_C(1000000000)

void
vt_qcow2_cache_init(VtQcow2Cache *cache, size_t table_size, unsigned max)
{
    *cache =
        (VtQcow2Cache){.tables = g_hash_table_new(g_int64_hash, g_int64_equal), .table_size = table_size, .max = max};
}

static void
unlink_table(VtQcow2Cache *cache, VtQcow2Table *table)
{
    *(table->older ? &table->older->newer : &cache->oldest) = table->newer;
    *(table->newer ? &table->newer->older : &cache->newest) = table->older;
}

static void
append(VtQcow2Cache *cache, VtQcow2Table *table)
{
    table->older = cache->newest;
    table->newer = NULL;
    *(cache->newest ? &cache->newest->newer : &cache->oldest) = table;
    cache->newest = table;
}

static void
remove_table(VtQcow2Cache *cache, VtQcow2Table *table)
{
    unlink_table(cache, table);
    g_hash_table_remove(cache->tables, &table->offset);
    cache->n_dirty -= table->dirty;
    g_free(table->data);
    g_free(table);
}

void
vt_qcow2_cache_clear(VtQcow2Cache *cache)
{
    while (cache->oldest) {
        remove_table(cache, cache->oldest);
    }
    g_clear_pointer(&cache->tables, g_hash_table_unref);
}

VtQcow2Table *
vt_qcow2_cache_find(VtQcow2Cache *cache, uint64_t offset)
{
    VtQcow2Table *table = cache->newest;

    if (!table || table->offset != offset) {
        table = g_hash_table_lookup(cache->tables, &offset);
        if (!table) {
            return NULL;
        }
        unlink_table(cache, table);
        append(cache, table);
    }
    /* Read by vt_qcow2_cache_clean(), which sets it for the tables that were not used since its last call. */
    table->used_ns = 0;
    return table;
}

bool
vt_qcow2_cache_make_room(VtQcow2Cache *cache)
{
    VtQcow2Table *table = cache->oldest;

    if (g_hash_table_size(cache->tables) < cache->max) {
        return true;
    }
    while (table && table->dirty) {
        table = table->newer;
    }
    if (table) {
        remove_table(cache, table);
    }
    return table != NULL;
}

VtQcow2Table *
vt_qcow2_cache_add(VtQcow2Cache *cache, uint64_t offset, uint8_t *data)
{
    VtQcow2Table *table = g_new0(VtQcow2Table, 1);

    table->offset = offset;
    table->data = data;
    g_hash_table_insert(cache->tables, &table->offset, table);
    append(cache, table);
    return table;
}

void
vt_qcow2_cache_remove(VtQcow2Cache *cache, uint64_t offset)
{
    VtQcow2Table *table = g_hash_table_lookup(cache->tables, &offset);

    if (table) {
        remove_table(cache, table);
    }
}

void
vt_qcow2_cache_set_dirty(VtQcow2Cache *cache, VtQcow2Table *table, bool dirty)
{
    cache->n_dirty += dirty;
    cache->n_dirty -= table->dirty;
    table->dirty = dirty;
}

void
vt_qcow2_cache_clean(VtQcow2Cache *cache, int64_t seconds)
{
    int64_t now_ns = vt_block_now_ns();

    for (VtQcow2Table *table = cache->oldest, *newer; table; table = newer) {
        newer = table->newer;
        if (!table->used_ns) {
            table->used_ns = now_ns;
        } else if (!table->dirty && now_ns - table->used_ns >= seconds * SECOND_NS) {
            remove_table(cache, table);
        }
    }
}

static gint
compare(gconstpointer a, gconstpointer b)
{
    const VtQcow2Table *one = *(VtQcow2Table *const *)a, *other = *(VtQcow2Table *const *)b;

    return one->offset < other->offset ? -1 : one->offset > other->offset;
}

GPtrArray *
vt_qcow2_cache_dirty(VtQcow2Cache *cache)
{
    GPtrArray *dirty = g_ptr_array_new();

    for (VtQcow2Table *table = cache->oldest; table && dirty->len < cache->n_dirty; table = table->newer) {
        if (table->dirty) {
            g_ptr_array_add(dirty, table);
        }
    }
    g_ptr_array_sort(dirty, compare);
    return dirty;
}
