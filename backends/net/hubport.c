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
    GQueue ports; /* of Port */
} Hub;

typedef struct Port {
    Hub *hub; /* NULL: not realized */
    VtNetEnd *end;
    GList link; /* in Hub.ports */
} Port;

const VtOps vt_ops_netdev_hubport;

/* Hubs of all VMs in the process.  Key: hub number and VM. */
static GHashTable *hubs;

static guint
hash(const void *opaque)
{
    const Hub *hub = opaque;

    return g_direct_hash(hub->vm) * 31 + (guint)hub->id;
}

static gboolean
equal(const void *a, const void *b)
{
    const Hub *x = a, *y = b;

    return x->vm == y->vm && x->id == y->id;
}

static Hub *
hub_get(const VtVm *vm, int32_t id)
{
    const Hub key = {.vm = vm, .id = id};
    Hub *hub;

    if (!hubs) {
        hubs = g_hash_table_new(hash, equal);
    }
    hub = g_hash_table_lookup(hubs, &key);
    if (!hub) {
        hub = g_new0(Hub, 1);
        *hub = key;
        g_hash_table_add(hubs, hub);
    }
    return hub;
}

static void
hub_put(Hub *hub)
{
    if (hub->ports.length) {
        return;
    }
    g_hash_table_remove(hubs, hub);
    if (!g_hash_table_size(hubs)) {
        g_clear_pointer(&hubs, g_hash_table_unref);
    }
    g_free(hub);
}

/* ---- frames -------------------------------------------------------------------------------------------- */

/* If a port cannot send, the frame waits in its queue and does not delay the other ports. */
static bool
deliver(void *opaque, const struct iovec *iov, size_t n)
{
    const Port *port = opaque;

    for (GList *link = port->hub->ports.head; link; link = link->next) {
        const Port *other = link->data;

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
    const GQueue *ports = &port->hub->ports;

    for (GList *link = ports->head; link; link = link->next) {
        const Port *other = link->data;

        if (other != port && vt_net_can_send(other->end)) {
            return true;
        }
    }
    return ports->length <= 1;
}

static void
ready(void *opaque)
{
    const Port *port = opaque;

    for (GList *link = port->hub->ports.head; link; link = link->next) {
        const Port *other = link->data;

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
        return vt_error_set(error, "netdev: '%s' is a hub port; expected another type of netdev", config->netdev.id);
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
    g_queue_unlink(&hub->ports, &port->link);
    /* With several other ports, no port waits for one that cannot receive. */
    if (hub->ports.length <= 1) {
        ready(port);
    }
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
    port->link.data = port;
    g_queue_push_tail_link(&port->hub->ports, &port->link);
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
