/* SPDX-License-Identifier: MIT */
/*
 * A hash table with open addressing, at most half full.
 */
#include "name-index.h"

#include <string.h>

#include "schema/schema-private.h"

typedef struct Slot {
    const char *name; /* NULL: empty */
    uint32_t value;
} Slot;

struct VtNameIndex {
    uint32_t mask;
    Slot slots[];
};

VtNameIndex *
vt_name_index_new(size_t n)
{
    uint32_t n_slots = 8;
    VtNameIndex *index;

    while (n_slots < n * 2) {
        n_slots *= 2;
    }
    index = g_malloc0(sizeof *index + n_slots * sizeof(Slot));
    index->mask = n_slots - 1;
    return index;
}

void
vt_name_index_free(VtNameIndex *index)
{
    g_free(index);
}

/* Returns the number of the slot that has @name, or in which it belongs. */
static uint32_t
slot_of(const VtNameIndex *index, const char *name)
{
    uint32_t at = vt_name_hash(name, strlen(name)) & index->mask;

    while (index->slots[at].name && strcmp(index->slots[at].name, name) != 0) {
        at = (at + 1) & index->mask;
    }
    return at;
}

void
vt_name_index_add(VtNameIndex *index, const char *name, uint32_t value)
{
    index->slots[slot_of(index, name)] = (Slot){name, value};
}

uint32_t
vt_name_index_find(const VtNameIndex *index, const char *name)
{
    return index->slots[slot_of(index, name)].value;
}
