/* SPDX-License-Identifier: MIT */
/*
 * Objects by id: a hash table whose links are in the objects, so that an object is found and added in one step.
 */
#include <string.h>

#include "object/object-private.h"

#define FIRST_BUCKETS 16

static VtObject *
find_hashed(const VtIdMap *map, const char *id, uint32_t hash)
{
    VtObject *object = map->n_buckets ? map->buckets[hash & (map->n_buckets - 1)] : NULL;

    while (object && (object->hash != hash || strcmp(object->config->id, id) != 0)) {
        object = object->same;
    }
    return object;
}

VtObject *
vt_id_map_find(const VtIdMap *map, const char *id)
{
    return find_hashed(map, id, vt_name_hash(id, strlen(id)));
}

static void
join_bucket(VtIdMap *map, VtObject *object)
{
    VtObject **bucket = &map->buckets[object->hash & (map->n_buckets - 1)];

    object->same = *bucket;
    *bucket = object;
}

static void
grow(VtIdMap *map)
{
    g_autofree VtObject **before = map->buckets;
    uint32_t n = map->n_buckets;

    map->n_buckets = n ? n * 2 : FIRST_BUCKETS;
    map->buckets = g_new0(VtObject *, map->n_buckets);
    for (uint32_t i = 0; i < n; i++) {
        for (VtObject *object = before[i], *next; object; object = next) {
            next = object->same;
            join_bucket(map, object);
        }
    }
}

bool
vt_id_map_add(VtIdMap *map, VtObject *object)
{
    const char *id = object->config->id;

    object->hash = vt_name_hash(id, strlen(id));
    if (find_hashed(map, id, object->hash)) {
        return false;
    }
    if (map->n == map->n_buckets) {
        grow(map);
    }
    join_bucket(map, object);
    map->n++;
    return true;
}

void
vt_id_map_remove(VtIdMap *map, VtObject *object)
{
    VtObject **at = map->n_buckets ? &map->buckets[object->hash & (map->n_buckets - 1)] : NULL;

    while (at && *at && *at != object) {
        at = &(*at)->same;
    }
    if (at && *at) {
        *at = object->same;
        map->n--;
    }
}

VtObject *
vt_id_map_next(const VtIdMap *map, const VtObject *object)
{
    uint32_t i = object ? (object->hash & (map->n_buckets - 1)) + 1 : 0;

    if (object && object->same) {
        return object->same;
    }
    while (i < map->n_buckets && !map->buckets[i]) {
        i++;
    }
    return i < map->n_buckets ? map->buckets[i] : NULL;
}

void
vt_id_map_clear(VtIdMap *map)
{
    g_clear_pointer(&map->buckets, g_free);
    map->n = map->n_buckets = 0;
}
