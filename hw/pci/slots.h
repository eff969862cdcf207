/* SPDX-License-Identifier: MIT */
/*
 * Slots: which device occupies which function of a PCI bus.  Pure functions on names; strings are borrowed.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <glib.h>

#include "vt-hw/pci.h"

typedef struct VtPciFunction {
    const char *type; /* class of the device; NULL: free */
    const char *id;   /* NULL: anonymous */
    bool multifunction;
} VtPciFunction;

typedef struct VtPciSlots {
    unsigned first_slot, last_slot;
    VtPciFunction functions[VT_PCI_SLOTS * VT_PCI_FUNCTIONS];
} VtPciSlots;

/* @reserved: pairs of address and occupant, terminated by NULL; or NULL.  A reserved slot is multifunction if it has
 * more than function 0. */
void vt_pci_slots_init(VtPciSlots *slots, unsigned first_slot, unsigned last_slot, const char *const *reserved);

/* Occupies @devfn.  VT_PCI_AUTO selects function 0 of the lowest empty slot.  *ret_devfn is set on success. */
bool vt_pci_slots_take(VtPciSlots *slots, int devfn, const VtPciFunction *function, int *ret_devfn, GError **error);
void vt_pci_slots_release(VtPciSlots *slots, int devfn);

/* Returns whether vt_pci_slots_take() with VT_PCI_AUTO would succeed. */
bool vt_pci_slots_have_room(const VtPciSlots *slots);
