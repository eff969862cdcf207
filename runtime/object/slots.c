/* SPDX-License-Identifier: MIT */
#include "object/object-private.h"

typedef struct Slot {
    void *data;
    GDestroyNotify free;
} Slot;

static void
slot_free(void *slot)
{
    ((Slot *)slot)->free(((Slot *)slot)->data);
    g_free(slot);
}

void *
vt_vm_slot(const VtVm *vm, const void *key)
{
    const Slot *slot = vm->slots ? g_hash_table_lookup(vm->slots, key) : NULL;

    return slot ? slot->data : NULL;
}

void
vt_vm_set_slot(VtVm *vm, const void *key, void *data, GDestroyNotify free)
{
    Slot *slot = g_new(Slot, 1);

    *slot = (Slot){data, free};
    if (!vm->slots) {
        vm->slots = g_hash_table_new_full(NULL, NULL, NULL, slot_free);
    }
    g_hash_table_replace(vm->slots, GSIZE_TO_POINTER((gsize)key), slot);
}
