/* SPDX-License-Identifier: MIT */
/*
 * virtio-blk: a disk with its own request queues.
 */
#include "block-conf.h"

#include "vt-hw/virtio.h"
#include "vt-runtime/error.h"

static bool
check_queues(const VtVirtioBlkDevice *config, GError **error)
{
    uint16_t size = config->queue_size;

    if (config->num_queues == 0 || config->num_queues > VT_VIRTIO_QUEUE_MAX) {
        return vt_error_set(error, "num-queues: %u is not between 1 and %d", config->num_queues, VT_VIRTIO_QUEUE_MAX);
    }
    return !(size & (size - 1)) || vt_error_set(error, "queue-size: %u is not a power of two", size);
}

static bool
validate(VtObject *object, GError **error)
{
    const VtVirtioBlkDevice *config = vt_object_config(object);

    return check_queues(config, error) && vt_block_conf_check(&config->block_conf, error);
}

static bool
check_interfaces(VtObject *object, const VtVirtioBlkDevice *config, GError **error)
{
    VtObject *transport = vt_object_parent(object);
    VtVirtioInterfaces shown;

    if (!transport || !vt_object_is_a(transport, "virtio-pci")) {
        return true;
    }
    shown = vt_virtio_pci_interfaces(transport);
    if (config->scsi && shown.modern) {
        return vt_error_set(error, "scsi: not supported by virtio 1.0; set scsi=off or disable-modern=on");
    }
    if (!shown.modern) {
        /* Legacy drivers put the request header into a separate descriptor. */
        vt_object_settle_uint(object, "any_layout", false);
    }
    return true;
}

static bool
check_place(VtObject *object, GError **error)
{
    const VtVirtioBlkDevice *config = vt_object_config(object);

    return check_interfaces(object, config, error) && vt_block_conf_claim(object, &config->block_conf, error);
}

uint16_t
vt_derive_virtio_blk_num_queues(int64_t cpus, const char *type)
{
    return (uint16_t)vt_virtio_queue_per_cpu(cpus, type, 0);
}

/* One vector for each queue, and one for configuration changes. */
uint32_t
vt_derive_virtio_blk_vectors(uint16_t num_queues)
{
    return (uint32_t)num_queues + 1;
}

const VtOps vt_ops_virtio_blk_device = {.validate = validate, .check_place = check_place};
