/* SPDX-License-Identifier: MIT */
/*
 * The bus of virtio serial ports.  A place is a port number; 0 is reserved for a console, for guests without multiport
 * support.  Port names are unique, because guests identify a port by its name.
 */
#include <string.h>

#include "vt-gen/hw.h"
#include "vt-runtime/bus.h"
#include "vt-runtime/error.h"

static bool
is_console(const VtObject *device)
{
    return vt_object_is_a(device, "virtconsole");
}

static bool
check_name(const VtBus *bus, const char *name, GError **error)
{
    for (guint i = 0; name && i < bus->devices->len; i++) {
        VtObject *other = bus->devices->pdata[i];
        const VtVirtserialport *config = vt_object_config(other);

        if (g_strcmp0(config->name, name) == 0) {
            return vt_error_set(error, "bus '%s': name '%s' is in use by port %u", bus->name, name, config->nr);
        }
    }
    return true;
}

static bool
place(VtBus *bus, VtObject *device, GError **error)
{
    const VtVirtserialport *config = vt_object_config(device);

    if (config->nr == 0 && !is_console(device)) {
        return vt_error_set(error, "bus '%s': nr 0 is reserved for a virtconsole", bus->name);
    }
    return check_name(bus, config->name, error) &&
           vt_number_bus_place_from(bus, device, is_console(device) ? 0 : 1, error);
}

static bool
has_room(VtBus *bus, VtObject *device)
{
    return vt_number_bus_has_room_from(bus, device, is_console(device) ? 0 : 1);
}

const VtBusOps vt_bus_ops_virtio_serial_bus = {.place = place,
                                               .remove = vt_number_bus_remove,
                                               .is_fixed = vt_number_bus_is_fixed,
                                               .has_room = has_room,
                                               .compare = vt_number_bus_compare};
