/* SPDX-License-Identifier: MIT */
/*
 * Slots of a PCI bus.
 */
#include "slots.h"

#include "vt-runtime/error.h"

void
vt_pci_slots_init(VtPciSlots *slots, unsigned first_slot, unsigned last_slot, const char *const *reserved)
{
    *slots = (VtPciSlots){.first_slot = first_slot, .last_slot = MIN(last_slot, VT_PCI_SLOTS - 1)};
    for (; reserved && reserved[0]; reserved += 2) {
        int64_t devfn = 0;
        bool known = vt_codec_pci_devfn.parse(reserved[0], &devfn, NULL);

        g_assert(known);
        slots->functions[devfn].type = reserved[1];
        if (VT_PCI_FUNCTION(devfn)) {
            slots->functions[VT_PCI_DEVFN(VT_PCI_SLOT(devfn), 0)].multifunction = true;
        }
    }
}

/* Returns the lowest occupied function of @slot above 0; 0: none. */
static unsigned
taken_beyond_first(const VtPciSlots *slots, unsigned slot)
{
    for (unsigned function = 1; function < VT_PCI_FUNCTIONS; function++) {
        if (slots->functions[VT_PCI_DEVFN(slot, function)].type) {
            return function;
        }
    }
    return 0;
}

static int
find_free(const VtPciSlots *slots)
{
    for (unsigned slot = slots->first_slot; slot <= slots->last_slot; slot++) {
        if (!slots->functions[VT_PCI_DEVFN(slot, 0)].type && !taken_beyond_first(slots, slot)) {
            return VT_PCI_DEVFN(slot, 0);
        }
    }
    return VT_PCI_AUTO;
}

bool
vt_pci_slots_have_room(const VtPciSlots *slots)
{
    return find_free(slots) != VT_PCI_AUTO;
}

/* A slot with several functions requires multifunction=on in function 0.  Otherwise guests do not scan the others. */
static bool
check_multifunction(const VtPciSlots *slots, int devfn, const VtPciFunction *function, GError **error)
{
    unsigned slot = VT_PCI_SLOT(devfn);
    const VtPciFunction *first = &slots->functions[VT_PCI_DEVFN(slot, 0)];
    unsigned other;

    if (VT_PCI_FUNCTION(devfn)) {
        if (first->type && !first->multifunction) {
            return vt_error_set(error,
                                "PCI: %s cannot use function %x.%x, because %s in %x.0 does not have multifunction=on",
                                function->type, slot, VT_PCI_FUNCTION(devfn), first->type, slot);
        }
        return true;
    }
    other = function->multifunction ? 0 : taken_beyond_first(slots, slot);
    if (other) {
        return vt_error_set(error, "PCI: %s in %x.0 does not have multifunction=on, but %x.%x is in use by %s",
                            function->type, slot, slot, other, slots->functions[VT_PCI_DEVFN(slot, other)].type);
    }
    return true;
}

bool
vt_pci_slots_take(VtPciSlots *slots, int devfn, const VtPciFunction *function, int *ret_devfn, GError **error)
{
    const VtPciFunction *occupant;

    if (devfn == VT_PCI_AUTO) {
        devfn = find_free(slots);
        if (devfn == VT_PCI_AUTO) {
            return vt_error_set(error, "PCI: no slot available for %s, all are in use or reserved", function->type);
        }
    } else if (VT_PCI_SLOT(devfn) < slots->first_slot || VT_PCI_SLOT(devfn) > slots->last_slot) {
        return vt_error_set(error, "PCI: slot %u does not exist for %s; the bus has slots %u to %u", VT_PCI_SLOT(devfn),
                            function->type, slots->first_slot, slots->last_slot);
    }
    occupant = &slots->functions[devfn];
    if (occupant->type) {
        return vt_error_set(error, "PCI: slot %u function %u not available for %s, in use by %s%s%s",
                            VT_PCI_SLOT(devfn), VT_PCI_FUNCTION(devfn), function->type, occupant->type,
                            occupant->id ? ",id=" : "", occupant->id ? occupant->id : "");
    }
    if (!check_multifunction(slots, devfn, function, error)) {
        return false;
    }
    slots->functions[devfn] = *function;
    *ret_devfn = devfn;
    return true;
}

void
vt_pci_slots_release(VtPciSlots *slots, int devfn)
{
    slots->functions[devfn] = (VtPciFunction){.type = NULL};
}
