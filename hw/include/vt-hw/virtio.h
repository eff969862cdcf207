/* SPDX-License-Identifier: MIT */
/*
 * Virtio: limits that devices share, and the interfaces of their transports.
 */
#pragma once

#include "vt-runtime/object.h"

#define VT_VIRTIO_QUEUE_MAX     1024   /* maximum queues of a device */
#define VT_VIRTIO_PCI_MODERN_ID 0x1040 /* device id of the modern interface, less the number of the device type */

/* Returns the number of CPUs, limited so that a device with @fixed other queues stays below the maximum.  Returns 1 for
 * a transport with a single interrupt.  @type: class of the bus that the device is on. */
uint32_t vt_virtio_queue_per_cpu(int64_t cpus, const char *type, unsigned fixed);

typedef struct VtVirtioInterfaces {
    bool modern, legacy;
} VtVirtioInterfaces;

/* Returns the interfaces of a settled virtio-pci device. */
VtVirtioInterfaces vt_virtio_pci_interfaces(VtObject *object);
