/* SPDX-License-Identifier: MIT */
/*
 * The USB bus.  A place is a port: of the controller, "1", or of a hub that sits on one, "1.4".
 */
#include <stdlib.h>
#include <string.h>

#include "vt-gen/hw.h"
#include "vt-runtime/bus.h"
#include "vt-runtime/error.h"

static const char *
port_of(VtObject *device)
{
    return ((const VtUsbDevice *)vt_object_config(device))->port;
}

static bool
is_hub(const VtObject *device)
{
    return vt_object_is_a(device, "usb-hub");
}

static VtObject *
at_port(const VtBus *bus, const char *port, size_t len)
{
    for (guint i = 0; i < bus->devices->len; i++) {
        const char *other = port_of(bus->devices->pdata[i]);

        if (other && strlen(other) == len && strncmp(other, port, len) == 0) {
            return bus->devices->pdata[i];
        }
    }
    return NULL;
}

/* A whole number without a leading zero; 0 where it is none. */
static unsigned
port_number(const char *text)
{
    char *end;
    unsigned long number = g_ascii_isdigit(text[0]) && text[0] != '0' ? strtoul(text, &end, 10) : 0;

    return number && !*end && number <= G_MAXUINT16 ? (unsigned)number : 0;
}

static bool
check_port(const VtBus *bus, const char *port, GError **error)
{
    const char *dot = strrchr(port, '.');
    unsigned number = port_number(dot ? dot + 1 : port);
    unsigned first = 1, last = bus->slots[0].last;
    const VtObject *taken_by;

    if (dot) {
        VtObject *hub = at_port(bus, port, (size_t)(dot - port));

        if (!hub || !is_hub(hub)) {
            return vt_error_set(error, "bus '%s': there is no port %s, for no usb-hub is at %.*s", bus->name, port,
                                (int)(dot - port), port);
        }
        last = ((const VtUsbHub *)vt_object_config(hub))->ports;
    } else {
        first = bus->slots[0].first;
    }
    if (number < first || number > last) {
        return vt_error_set(error, "bus '%s': there is no port %s, only %.*s%u to %.*s%u", bus->name, port,
                            dot ? (int)(dot + 1 - port) : 0, port, first, dot ? (int)(dot + 1 - port) : 0, port, last);
    }
    taken_by = at_port(bus, port, strlen(port));
    if (taken_by) {
        g_autofree char *title = vt_object_title(taken_by);

        return vt_error_set(error, "bus '%s': port %s is taken by %s", bus->name, port, title);
    }
    return true;
}

typedef struct Free {
    unsigned n;
    char *first;
} Free;

static void
count_ports(const VtBus *bus, const char *prefix, unsigned first, unsigned last, Free *found)
{
    for (unsigned i = first; i <= last; i++) {
        g_autofree char *port = g_strdup_printf("%s%u", prefix, i);

        if (!at_port(bus, port, strlen(port))) {
            found->n++;
            if (!found->first) {
                found->first = g_steal_pointer(&port);
            }
        }
    }
}

/* The controller's ports, then those of the hubs in the order of their coming. */
static Free
free_ports(const VtBus *bus)
{
    Free found = {.n = 0};

    count_ports(bus, "", bus->slots[0].first, bus->slots[0].last, &found);
    for (guint i = 0; i < bus->devices->len; i++) {
        VtObject *hub = bus->devices->pdata[i];

        if (is_hub(hub)) {
            g_autofree char *prefix = g_strconcat(port_of(hub), ".", NULL);

            count_ports(bus, prefix, 1, ((const VtUsbHub *)vt_object_config(hub))->ports, &found);
        }
    }
    return found;
}

static bool
place(VtBus *bus, VtObject *device, GError **error)
{
    const char *port = port_of(device);
    g_autofree char *chosen = NULL;
    Free found;

    if (port) {
        return check_port(bus, port, error);
    }
    found = free_ports(bus);
    chosen = found.first;
    if (!found.n) {
        return vt_error_set(error, "bus '%s': no free port", bus->name);
    }
    vt_object_settle_str(device, "port", chosen);
    return true;
}

/* The last port that is free goes to a hub, so that there are always more. */
static const char *
wants(VtBus *bus, VtObject *device)
{
    g_autofree char *first = NULL;
    Free found;

    if (port_of(device) || is_hub(device)) {
        return NULL;
    }
    found = free_ports(bus);
    first = found.first;
    return found.n == 1 ? "usb-hub" : NULL;
}

/* A port of a hub is not there before the hub has one. */
static bool
is_fixed(VtBus *bus, VtObject *device)
{
    (void)bus;
    return port_of(device) && !strchr(port_of(device), '.');
}

const VtBusOps vt_bus_ops_usb_bus = {.place = place, .is_fixed = is_fixed, .wants = wants};
