/* SPDX-License-Identifier: MIT */
/*
 * A PCI Express root port: its chassis and slot number are unique.
 */
#include "vt-gen/hw.h"
#include "vt-hw/pci.h"
#include "vt-hw/peers.h"
#include "vt-runtime/error.h"

#define ACPI_IO_RESERVE 4096

static uint64_t
number_of(VtObject *object)
{
    const VtPcieSlot *port = vt_object_config(object);

    return (uint64_t)port->chassis << 32 | port->slot;
}

static bool
refer(VtObject *object, GError **error)
{
    (void)error;
    vt_index_enter(object, "pcie-slot", number_of(object));
    return true;
}

static bool
check_place(VtObject *object, GError **error)
{
    const VtPcieSlot *port = vt_object_config(object);
    VtObject *other = vt_index_find(object, "pcie-slot", number_of(object));

    if (other) {
        g_autofree char *name = vt_peer_name(other);

        return vt_error_set(error, "chassis %u, slot %u is in use by %s", port->chassis, port->slot, name);
    }
    return true;
}

/* With ACPI hotplug, the firmware must reserve I/O space for later devices.  All ones let the firmware choose. */
uint64_t
vt_derive_pcie_root_port_io_reserve(bool hotplug, bool x_native_hotplug)
{
    return hotplug && !x_native_hotplug ? ACPI_IO_RESERVE : G_MAXUINT64;
}

const VtOps vt_ops_pcie_root_port = {.refer = refer, .check_place = check_place};
