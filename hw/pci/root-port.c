/* SPDX-License-Identifier: MIT */
/*
 * A PCI Express root port: sits on a root complex, and gives the slot behind it a number that no other has.
 */
#include "vt-gen/hw.h"
#include "vt-hw/pci.h"
#include "vt-hw/peers.h"
#include "vt-runtime/error.h"

#define ACPI_IO_RESERVE 4096

typedef struct Search {
    const VtPcieSlot *port;
    VtObject *found;
} Search;

static bool
differs(VtObject *peer, void *opaque)
{
    Search *search = opaque;
    const VtPcieSlot *other = vt_object_config(peer);

    if (other->chassis != search->port->chassis || other->slot != search->port->slot) {
        return true;
    }
    search->found = peer;
    return false;
}

static bool
check_place(VtObject *object, GError **error)
{
    const VtPcieSlot *port = vt_object_config(object);
    const VtBus *bus = vt_object_bus(object);
    Search search = {.port = port};

    if (!vt_pci_bus_is_express(bus) || !vt_pci_bus_is_root(bus)) {
        return vt_error_set(error, "bus '%s' is not a root complex, and a root port goes nowhere else", bus->name);
    }
    if (!vt_peers_each(object, "pcie-root-port", differs, &search)) {
        g_autofree char *name = vt_peer_name(search.found);

        return vt_error_set(error, "chassis %u, slot %u is that of %s already", port->chassis, port->slot, name);
    }
    return true;
}

/* Where ACPI does the plugging, the firmware has to keep I/O space for what may come; else all ones let it choose. */
uint64_t
vt_derive_pcie_root_port_io_reserve(bool hotplug, bool x_native_hotplug)
{
    return hotplug && !x_native_hotplug ? ACPI_IO_RESERVE : G_MAXUINT64;
}

const VtOps vt_ops_pcie_root_port = {.check_place = check_place};
