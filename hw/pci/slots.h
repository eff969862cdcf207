/* SPDX-License-Identifier: MIT */
/*
 * Slots: which function of a PCI bus is taken by what.  Pure: knows names, not objects, and owns nothing.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <glib.h>

#include "vt-hw/pci.h"

typedef struct VtPciFunction {
    const char *type; /* of what sits there; NULL: free */
    const char *id;   /* NULL: anonymous */
    bool multifunction;
} VtPciFunction;

typedef struct VtPciSlots {
    unsigned first_slot, last_slot;
    VtPciFunction functions[VT_PCI_SLOTS * VT_PCI_FUNCTIONS];
} VtPciSlots;

/* @reserved: NULL-terminated pairs of address and occupant, NULL: none.  A reserved slot whose function 0 is not alone
 * is multifunction. */
void vt_pci_slots_init(VtPciSlots *slots, unsigned first_slot, unsigned last_slot, const char *const *reserved);

/* Takes @devfn, or for VT_PCI_AUTO the lowest slot that is wholly free, function 0.  *ret_devfn is set on success. */
bool vt_pci_slots_take(VtPciSlots *slots, int devfn, const VtPciFunction *function, int *ret_devfn, GError **error);
void vt_pci_slots_release(VtPciSlots *slots, int devfn);

/* Whether vt_pci_slots_take() finds a place of itself. */
bool vt_pci_slots_have_room(const VtPciSlots *slots);
