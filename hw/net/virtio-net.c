/* SPDX-License-Identifier: MIT */
/*
 * virtio-net: a network device with a pair of queues for each queue of its backend.
 */
#include <string.h>

#include "vt-gen/hw.h"
#include "vt-runtime/error.h"
#include "vt-runtime/object.h"

#include "vt-hw/mac.h"

#define NO_ADDRESS "00:00:00:00:00:00"

static bool
check_queue_size(const char *name, uint16_t size, GError **error)
{
    return !(size & (size - 1)) || vt_error_set(error, "%s: %u is not a power of two", name, size);
}

static bool
settle_mac(VtObject *object, const char *mac, GError **error)
{
    g_autofree char *chosen = NULL;

    if (mac && strcmp(mac, NO_ADDRESS) != 0) {
        return true;
    }
    chosen = vt_mac_choose(object);
    if (!chosen) {
        return vt_error_set(error, "mac: all default addresses are in use; set mac");
    }
    vt_object_settle_str(object, "mac", chosen);
    return true;
}

static bool
validate(VtObject *object, GError **error)
{
    const VtVirtioNetDevice *config = vt_object_config(object);

    if (config->duplex && strcmp(config->duplex, "half") != 0 && strcmp(config->duplex, "full") != 0) {
        return vt_error_set(error, "duplex: expected 'half' or 'full', got '%s'", config->duplex);
    }
    if (config->tx && strcmp(config->tx, "timer") != 0 && strcmp(config->tx, "bh") != 0) {
        return vt_error_set(error, "tx: expected 'timer' or 'bh', got '%s'", config->tx);
    }
    return check_queue_size("rx_queue_size", config->rx_queue_size, error) &&
           check_queue_size("tx_queue_size", config->tx_queue_size, error) &&
           settle_mac(object, config->nic_conf.mac, error);
}

/* One vector for each queue, one for the control queue, and one for configuration changes.  Of all network backends,
 * only tap can have several queue pairs: as many as 'queues', or as descriptors in 'fds'. */
uint32_t
vt_derive_virtio_net_vectors(uint32_t queues, const char *fds)
{
    uint32_t pairs = MAX(queues, 1);

    for (; fds && (fds = strchr(fds, ':')); fds++) {
        pairs++;
    }
    return 2 * pairs + 2;
}

const char *
vt_derive_virtio_net_romfile(void)
{
    return "efi-virtio.rom";
}

const VtOps vt_ops_virtio_net_device = {.validate = validate};
