/* SPDX-License-Identifier: MIT */
/*
 * Virtual I/O devices of POWER machines: a device without an explicit number gets one above those of the firmware.
 */
#include "vt-gen/hw.h"
#include "vt-runtime/bus.h"

#define FIRST_AUTOMATIC 0x71000000

static bool
place(VtBus *bus, VtObject *device, GError **error)
{
    return vt_number_bus_place_from(bus, device, FIRST_AUTOMATIC, error);
}

static bool
has_room(VtBus *bus, VtObject *device)
{
    return vt_number_bus_has_room_from(bus, device, FIRST_AUTOMATIC);
}

const VtBusOps vt_bus_ops_spapr_vio_bus = {.place = place,
                                           .remove = vt_number_bus_remove,
                                           .is_fixed = vt_number_bus_is_fixed,
                                           .has_room = has_room,
                                           .compare = vt_number_bus_compare};
