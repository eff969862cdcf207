/* SPDX-License-Identifier: MIT */
/*
 * PCI: addresses, and queries on buses.
 */
#pragma once

#include "vt-runtime/bus.h"
#include "vt-runtime/codec.h"

#define VT_PCI_SLOTS     32
#define VT_PCI_FUNCTIONS 8
#define VT_PCI_AUTO      (-1)

#define VT_PCI_DEVFN(slot, function) ((int)((slot)*VT_PCI_FUNCTIONS + (function)))
#define VT_PCI_SLOT(devfn)           ((unsigned)((devfn) / VT_PCI_FUNCTIONS))
#define VT_PCI_FUNCTION(devfn)       ((unsigned)((devfn) % VT_PCI_FUNCTIONS))

extern const VtCodec vt_codec_pci_devfn;

/* Returns whether @bus is a PCI Express bus; otherwise it is a conventional PCI bus. */
bool vt_pci_bus_is_express(const VtBus *bus);
/* Returns whether @bus is the bus of a host bridge, and not a secondary bus of a port or bridge. */
bool vt_pci_bus_is_root(const VtBus *bus);
