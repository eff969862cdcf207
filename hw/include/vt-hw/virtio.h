/* SPDX-License-Identifier: MIT */
/*
 * Virtio: limits that its devices share, and what their transport shows.
 */
#pragma once

#include "vt-runtime/object.h"

#define VT_VIRTIO_QUEUE_MAX 1024 /* queues of one device */

/* A queue per CPU, as far as a device with @fixed other queues can have them; one over a transport that has one
 * interrupt for all.  @type: of the bus that the device sits on. */
uint32_t vt_virtio_queue_per_cpu(int64_t cpus, const char *type, unsigned fixed);

typedef struct VtVirtioInterfaces {
    bool modern, legacy;
} VtVirtioInterfaces;

/* Of a settled virtio-pci device. */
VtVirtioInterfaces vt_virtio_pci_interfaces(VtObject *object);
