/* SPDX-License-Identifier: MIT */
/*
 * Indexes map values to objects of a VM.  A lookup takes constant time.  A search for a free value resumes where the
 * last one ended.
 */
#include <string.h>

#include "object/object-private.h"

typedef struct VtIndex {
    const char *name;
    GHashTable *values; /* uint64_t to the first VtIndexEntry with the value */
    uint64_t from;      /* start of the last search for a free value */
    uint64_t lowest;    /* every value from @from to here, exclusive, is in use */
} VtIndex;

struct VtIndexEntry {
    uint64_t value; /* must be first: the key in VtIndex.values */
    VtObject *object;
    VtIndex *index;
    VtIndexEntry *previous, *next; /* entries with the same value */
    VtIndexEntry *other;           /* next entry of the same object */
};

static void
index_free(void *opaque)
{
    VtIndex *index = opaque;

    g_hash_table_unref(index->values);
    g_free(index);
}

/* A linear search: a VM has few indexes, one for each rule. */
static VtIndex *
find_index(const VtVm *vm, const char *name)
{
    for (guint i = 0; vm->indexes && i < vm->indexes->len; i++) {
        VtIndex *index = vm->indexes->pdata[i];

        if (index->name == name || strcmp(index->name, name) == 0) {
            return index;
        }
    }
    return NULL;
}

static VtIndex *
make_index(VtVm *vm, const char *name)
{
    VtIndex *index = find_index(vm, name);

    if (index) {
        return index;
    }
    if (!vm->indexes) {
        vm->indexes = g_ptr_array_new_with_free_func(index_free);
    }
    index = g_new0(VtIndex, 1);
    index->name = name;
    index->values = g_hash_table_new(g_int64_hash, g_int64_equal);
    g_ptr_array_add(vm->indexes, index);
    return index;
}

void
vt_index_enter(VtObject *object, const char *name, uint64_t value)
{
    VtIndex *index = make_index(object->vm, name);
    VtIndexEntry *entry = g_new0(VtIndexEntry, 1), *first = g_hash_table_lookup(index->values, &value);

    *entry = (VtIndexEntry){.value = value, .object = object, .index = index, .other = object->entries};
    object->entries = entry;
    if (!first) {
        g_hash_table_insert(index->values, entry, entry);
        return;
    }
    entry->previous = first;
    entry->next = first->next;
    if (first->next) {
        first->next->previous = entry;
    }
    first->next = entry;
}

static void
leave(VtIndexEntry *entry)
{
    VtIndex *index = entry->index;

    if (entry->next) {
        entry->next->previous = entry->previous;
    }
    if (entry->previous) {
        entry->previous->next = entry->next;
    } else if (entry->next) {
        g_hash_table_replace(index->values, entry->next, entry->next);
    } else {
        g_hash_table_remove(index->values, &entry->value);
        if (entry->value >= index->from && entry->value < index->lowest) {
            index->lowest = entry->value;
        }
    }
    g_free(entry);
}

void
vt_index_leave(VtObject *object, const char *name)
{
    VtIndexEntry **at = &object->entries;

    while (*at) {
        VtIndexEntry *entry = *at;

        if (strcmp(entry->index->name, name) == 0) {
            *at = entry->other;
            leave(entry);
        } else {
            at = &entry->other;
        }
    }
}

void
vt_index_leave_all(VtObject *object)
{
    while (object->entries) {
        VtIndexEntry *entry = object->entries;

        object->entries = entry->other;
        leave(entry);
    }
    for (size_t i = 0; i < object->class->info.n_children; i++) {
        vt_index_leave_all(object->children[i]);
    }
}

VtObject *
vt_index_find(const VtObject *object, const char *name, uint64_t value)
{
    const VtIndex *index = find_index(object->vm, name);
    const VtIndexEntry *entry = index ? g_hash_table_lookup(index->values, &value) : NULL;

    while (entry && entry->object->config == object->config) {
        entry = entry->next;
    }
    return entry ? entry->object : NULL;
}

uint64_t
vt_index_free_value(VtVm *vm, const char *name, uint64_t from)
{
    VtIndex *index = make_index(vm, name);
    uint64_t value = index->from == from ? MAX(index->lowest, from) : from;

    while (g_hash_table_contains(index->values, &value)) {
        value++;
    }
    index->from = from;
    index->lowest = value;
    return value;
}
