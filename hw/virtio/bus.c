/* SPDX-License-Identifier: MIT */
/*
 * The bus between a virtio transport and its device.
 */
#include "vt-gen/hw.h"
#include "vt-hw/virtio.h"
#include "vt-runtime/bus.h"
#include "vt-runtime/error.h"

uint32_t
vt_virtio_queue_per_cpu(int64_t cpus, const char *type, unsigned fixed)
{
    /* The device is on a virtio bus itself, not embedded in a PCI device. */
    if (g_strcmp0(type, "virtio-bus") == 0) {
        return 1;
    }
    return (uint32_t)CLAMP(cpus, 1, VT_VIRTIO_QUEUE_MAX - (int64_t)fixed);
}

static bool
has_room(VtBus *bus, VtObject *device)
{
    (void)device;
    return bus->devices->len == 0;
}

static bool
place(VtBus *bus, VtObject *device, GError **error)
{
    if (!has_room(bus, device)) {
        return vt_error_set(error, "bus '%s' is full: a virtio transport has one device", bus->name);
    }
    return true;
}

const VtBusOps vt_bus_ops_virtio_bus = {.place = place, .has_room = has_room};
