/* SPDX-License-Identifier: MIT */
/*
 * PCI buses: a device occupies a slot and function.  PCI Express buses follow the same rules.
 */
#include "slots.h"

#include "vt-gen/hw.h"
#include "vt-runtime/error.h"

typedef struct BusState {
    bool ready;
    VtPciSlots slots;
} BusState;

bool
vt_pci_bus_is_express(const VtBus *bus)
{
    return vt_schema_bus_is_a(vt_object_class(bus->owner)->schema, bus->type, "PCIE");
}

bool
vt_pci_bus_is_root(const VtBus *bus)
{
    static const char *const expanders[] = {"pxb", "pxb-pcie", "pxb-cxl"};

    for (size_t i = 0; i < G_N_ELEMENTS(expanders); i++) {
        if (vt_object_is_a(bus->owner, expanders[i])) {
            return true;
        }
    }
    return !vt_object_is_a(bus->owner, "pci-device");
}

static BusState *
state_of(VtBus *bus)
{
    BusState *state = bus->state;

    if (!state->ready) {
        vt_pci_slots_init(&state->slots, bus->slots[0].first, bus->slots[0].last, (const char *const *)bus->reserved);
        state->ready = true;
    }
    return state;
}

/* An additional PCI Express root bus. */
static bool
is_expander(const VtBus *bus)
{
    return vt_object_is_a(bus->owner, "pci-device") && vt_pci_bus_is_express(bus) && vt_pci_bus_is_root(bus);
}

static const VtPciDevice *
pci_config(const VtObject *device)
{
    return vt_object_config(device);
}

static bool
place(VtBus *bus, VtObject *device, GError **error)
{
    const VtPciDevice *config = pci_config(device);
    BusState *state = state_of(bus);
    const VtPciFunction function = {
        .type = vt_object_class(device)->name,
        .id = vt_object_id(device),
        .multifunction = config->multifunction,
    };
    int devfn;

    if (is_expander(bus) && !vt_object_is_a(device, "base-pci-bridge")) {
        return vt_error_set(error, "bus '%s': only bridges and ports can be plugged into %s", bus->name,
                            vt_object_class(bus->owner)->tag);
    }
    if (!vt_pci_slots_take(&state->slots, config->addr, &function, &devfn, error)) {
        g_prefix_error(error, "bus '%s': ", bus->name);
        return false;
    }
    vt_object_settle_uint(device, "addr", (uint64_t)devfn);
    return true;
}

static void
leave(VtBus *bus, VtObject *device)
{
    vt_pci_slots_release(&state_of(bus)->slots, pci_config(device)->addr);
}

static bool
is_fixed(const VtBus *bus, const VtObject *device)
{
    (void)bus;
    return pci_config(device)->addr != VT_PCI_AUTO;
}

static bool
has_room(VtBus *bus, VtObject *device)
{
    (void)device;
    return vt_pci_slots_have_room(&state_of(bus)->slots);
}

static int
compare(const VtObject *a, const VtObject *b)
{
    return pci_config(a)->addr - pci_config(b)->addr;
}

#define PCI_RULES                                                                                                      \
    {                                                                                                                  \
        .state_size = sizeof(BusState), .place = place, .remove = leave, .is_fixed = is_fixed, .has_room = has_room,   \
        .compare = compare,                                                                                            \
    }

const VtBusOps vt_bus_ops_PCI = PCI_RULES;
const VtBusOps vt_bus_ops_PCIE = PCI_RULES;
const VtBusOps vt_bus_ops_PCIE_port = PCI_RULES;
