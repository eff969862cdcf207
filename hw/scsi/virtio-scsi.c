/* SPDX-License-Identifier: MIT */
/*
 * virtio-scsi: a host bus adapter.  It has a control queue and an event queue besides its request queues.
 */
#include "vt-gen/hw.h"
#include "vt-hw/virtio.h"
#include "vt-runtime/error.h"
#include "vt-runtime/object.h"

#define FIXED_QUEUES 2

static bool
validate(VtObject *object, GError **error)
{
    const VtVirtioScsiCommon *config = vt_object_config(object);

    if (config->num_queues == 0 || config->num_queues > VT_VIRTIO_QUEUE_MAX - FIXED_QUEUES) {
        return vt_error_set(error, "num_queues: %u is not between 1 and %u", config->num_queues,
                            VT_VIRTIO_QUEUE_MAX - FIXED_QUEUES);
    }
    return true;
}

uint32_t
vt_derive_virtio_scsi_num_queues(int64_t cpus, const char *type)
{
    return vt_virtio_queue_per_cpu(cpus, type, FIXED_QUEUES);
}

/* One vector for each queue, and one for configuration changes. */
uint32_t
vt_derive_virtio_scsi_vectors(uint32_t num_queues)
{
    return num_queues + FIXED_QUEUES + 1;
}

const VtOps vt_ops_virtio_scsi_device = {.validate = validate};
