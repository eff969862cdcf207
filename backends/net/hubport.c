/* SPDX-License-Identifier: MIT */
/*
 * hubport: hubs, which exist while they have a port.
 */
#include "vt-backends/net.h"
#include "vt-gen/backends.h"
#include "vt-runtime/error.h"

typedef struct Hub {
    const VtVm *vm;
    int32_t id;
    GPtrArray *ports; /* of Port, borrowed */
} Hub;

typedef struct Port {
    Hub *hub; /* NULL: not realized */
    VtNetEnd *end;
} Port;

const VtOps vt_ops_netdev_hubport;

/* Of all VMs in the process, by number and VM. */
static GPtrArray *hubs;

static Hub *
hub_get(const VtVm *vm, int32_t id)
{
    Hub *hub;

    for (guint i = 0; hubs && i < hubs->len; i++) {
        hub = g_ptr_array_index(hubs, i);
        if (hub->vm == vm && hub->id == id) {
            return hub;
        }
    }
    hub = g_new(Hub, 1);
    *hub = (Hub){vm, id, g_ptr_array_new()};
    if (!hubs) {
        hubs = g_ptr_array_new();
    }
    g_ptr_array_add(hubs, hub);
    return hub;
}

static void
hub_put(Hub *hub)
{
    if (hub->ports->len) {
        return;
    }
    g_ptr_array_remove_fast(hubs, hub);
    if (!hubs->len) {
        g_clear_pointer(&hubs, g_ptr_array_unref);
    }
    g_ptr_array_unref(hub->ports);
    g_free(hub);
}

/* ---- frames -------------------------------------------------------------------------------------------- */

/* Where one port can't send, the frame waits behind it: the others do not wait for the slowest. */
static bool
deliver(void *opaque, const struct iovec *iov, size_t n)
{
    const Port *port = opaque;

    for (guint i = 0; i < port->hub->ports->len; i++) {
        const Port *other = g_ptr_array_index(port->hub->ports, i);

        if (other != port) {
            vt_net_send(other->end, iov, n);
        }
    }
    return true;
}

static bool
can_receive(void *opaque)
{
    const Port *port = opaque;
    const GPtrArray *ports = port->hub->ports;

    for (guint i = 0; i < ports->len; i++) {
        const Port *other = g_ptr_array_index(ports, i);

        if (other != port && vt_net_can_send(other->end)) {
            return true;
        }
    }
    return ports->len <= 1;
}

static void
ready(void *opaque)
{
    const Port *port = opaque;

    for (guint i = 0; i < port->hub->ports->len; i++) {
        const Port *other = g_ptr_array_index(port->hub->ports, i);

        if (other != port) {
            vt_net_flush(other->end);
        }
    }
}

static const VtNetOps ops = {.deliver = deliver, .can_receive = can_receive, .ready = ready};

/* ---- the port ------------------------------------------------------------------------------------------ */

static bool
validate(VtObject *object, GError **error)
{
    const VtNetdevHubport *config = vt_object_config(object);

    if (config->netdev.target && vt_object_is_a(config->netdev.target, "netdev-hubport")) {
        return vt_error_set(error, "netdev: '%s' is a port of a hub itself", config->netdev.id);
    }
    return true;
}

static void
unrealize(VtObject *object)
{
    Port *port = vt_object_state(object, &vt_ops_netdev_hubport);
    Hub *hub = port->hub;

    vt_netdev_open(object, NULL, NULL);
    vt_net_disconnect(port->end);
    g_ptr_array_remove(hub->ports, port);
    /* Who waited for this port waits no longer. */
    ready(port);
    hub_put(hub);
    *port = (Port){NULL};
}

static bool
realize(VtObject *object, GError **error)
{
    const VtNetdevHubport *config = vt_object_config(object);
    Port *port = vt_object_state(object, &vt_ops_netdev_hubport);

    port->hub = hub_get(vt_object_vm(object), config->hubid);
    port->end = vt_netdev_end(object);
    g_ptr_array_add(port->hub->ports, port);
    vt_netdev_open(object, &ops, port);
    if (config->netdev.target && !vt_net_connect(port->end, vt_netdev_end(config->netdev.target), error)) {
        g_prefix_error(error, "netdev: '%s': ", config->netdev.id);
        unrealize(object);
        return false;
    }
    return true;
}

const VtOps vt_ops_netdev_hubport = {
    .state_size = sizeof(Port),
    .validate = validate,
    .realize = realize,
    .unrealize = unrealize,
};
