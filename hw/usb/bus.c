/* SPDX-License-Identifier: MIT */
/*
 * The USB bus.  A place is a port of the controller, such as "1", or of a hub on it, such as "1.4".
 */
#include <stdlib.h>
#include <string.h>

#include "vt-gen/hw.h"
#include "vt-runtime/bus.h"
#include "vt-runtime/error.h"

#define HUBS_MAX 5 /* hubs between a device and the controller: the limit of USB */

/* The ports of the controller, or of a hub. */
typedef struct Row {
    char *prefix;    /* prefix of the port names */
    unsigned n_hubs; /* hubs between these ports and the controller */
    uint64_t serial; /* increases along the list of rows */
    unsigned first, last;
    unsigned n_free;
    unsigned lowest; /* ports before this one are in use */
} Row;

typedef struct Port {
    VtObject *device;
    GList *row; /* the ports of the hub; NULL: the device is not a hub */
} Port;

/* Empty while the bus has no device. */
typedef struct State {
    GHashTable *taken; /* port name to Port */
    GQueue rows;       /* of Row: the controller's ports, then those of each hub in the order in which the hubs were
                        * added */
    GList *open;       /* the first row with a free port */
    uint64_t serial;
    unsigned n_free;
} State;

static const char *
port_of(const VtObject *device)
{
    return ((const VtUsbDevice *)vt_object_config(device))->port;
}

static bool
is_hub(const VtObject *device)
{
    return vt_object_is_a(device, "usb-hub");
}

/* ---- rows of ports ------------------------------------------------------------------------------------ */

/* The number of hubs between the port, or the prefix of ports, and the controller. */
static unsigned
count_hubs(const char *port)
{
    unsigned n = 0;

    while ((port = strchr(port, '.'))) {
        port++;
        n++;
    }
    return n;
}

static char *
port_name(const Row *row, unsigned number)
{
    return g_strdup_printf("%s%u", row->prefix, number);
}

static Port *
at_port(const VtBus *bus, const char *name)
{
    const State *state = bus->state;

    return state->taken ? g_hash_table_lookup(state->taken, name) : NULL;
}

static bool
is_free(const VtBus *bus, const Row *row, unsigned number)
{
    g_autofree char *name = port_name(row, number);

    return !at_port(bus, name);
}

/* Takes ownership of @prefix. */
static GList *
add_row(VtBus *bus, char *prefix, unsigned first, unsigned last)
{
    State *state = bus->state;
    Row *row = g_new(Row, 1);

    *row = (Row){.prefix = prefix,
                 .n_hubs = count_hubs(prefix),
                 .serial = state->serial++,
                 .first = first,
                 .last = last,
                 .lowest = first};
    for (unsigned i = first; i <= last; i++) {
        row->n_free += is_free(bus, row, i);
    }
    state->n_free += row->n_free;
    g_queue_push_tail(&state->rows, row);
    if (!state->open) {
        state->open = state->rows.tail;
    }
    return state->rows.tail;
}

static void
remove_row(State *state, GList *link)
{
    Row *row = link->data;

    state->n_free -= row->n_free;
    if (state->open == link) {
        state->open = link->next;
    }
    g_queue_delete_link(&state->rows, link);
    g_free(row->prefix);
    g_free(row);
}

/* Returns the row that has the port; NULL: its hub was removed. */
static GList *
row_of(const VtBus *bus, const char *name)
{
    const char *dot = strrchr(name, '.');
    g_autofree char *at = dot ? g_strndup(name, (gsize)(dot - name)) : NULL;
    const Port *hub = at ? at_port(bus, at) : NULL;

    if (!at) {
        return ((const State *)bus->state)->rows.head;
    }
    return hub ? hub->row : NULL;
}

static void
start(VtBus *bus)
{
    State *state = bus->state;

    if (!state->taken) {
        state->taken = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
        add_row(bus, g_strdup(""), bus->slots[0].first, bus->slots[0].last);
    }
}

static void
end_if_empty(State *state)
{
    if (state->taken && !g_hash_table_size(state->taken)) {
        g_assert(state->rows.head);
        remove_row(state, state->rows.head);
        g_clear_pointer(&state->taken, g_hash_table_unref);
    }
}

/* Returns the first row with a free port, or NULL. */
static Row *
open_row(State *state)
{
    while (state->open && !((const Row *)state->open->data)->n_free) {
        state->open = state->open->next;
    }
    return state->open ? state->open->data : NULL;
}

/* Returns the first free port for the device, or NULL. */
static char *
first_free(VtBus *bus, const VtObject *device)
{
    State *state = bus->state;
    Row *row = open_row(state);

    for (GList *at = state->open; row && is_hub(device) && (!row->n_free || row->n_hubs == HUBS_MAX); at = at->next) {
        row = at->next ? at->next->data : NULL;
    }
    if (!row) {
        return NULL;
    }
    while (!is_free(bus, row, row->lowest)) {
        row->lowest++;
    }
    return port_name(row, row->lowest);
}

/* ---- explicit ports ----------------------------------------------------------------------------------- */

/* Parses a positive decimal number without leading zeros; 0: invalid. */
static unsigned
port_number(const char *text)
{
    char *end;
    unsigned long number = g_ascii_isdigit(text[0]) && text[0] != '0' ? strtoul(text, &end, 10) : 0;

    return number && !*end && number <= G_MAXUINT16 ? (unsigned)number : 0;
}

static bool
check_port(const VtBus *bus, VtObject *device, GError **error)
{
    const char *port = port_of(device);
    const char *dot = strrchr(port, '.');
    unsigned number = port_number(dot ? dot + 1 : port);
    unsigned first = 1, last = bus->slots[0].last;
    const Port *taken;

    if (dot) {
        const GList *row = row_of(bus, port);

        if (!row) {
            return vt_error_set(error, "bus '%s': port %s does not exist, because no usb-hub is at %.*s", bus->name,
                                port, (int)(dot - port), port);
        }
        last = ((const Row *)row->data)->last;
    } else {
        first = bus->slots[0].first;
    }
    if (number < first || number > last) {
        return vt_error_set(error, "bus '%s': port %s does not exist; expected %.*s%u to %.*s%u", bus->name, port,
                            dot ? (int)(dot + 1 - port) : 0, port, first, dot ? (int)(dot + 1 - port) : 0, port, last);
    }
    if (is_hub(device) && count_hubs(port) >= HUBS_MAX) {
        return vt_error_set(error, "bus '%s': port %s is below %u hubs; a hub can be below %u at most", bus->name, port,
                            count_hubs(port), HUBS_MAX - 1);
    }
    taken = at_port(bus, port);
    if (taken) {
        g_autofree char *title = vt_object_title(taken->device);

        return vt_error_set(error, "bus '%s': port %s is in use by %s", bus->name, port, title);
    }
    return true;
}

/* ---- places ------------------------------------------------------------------------------------------- */

static void
take(VtBus *bus, VtObject *device)
{
    State *state = bus->state;
    const char *name = port_of(device);
    GList *link = row_of(bus, name);
    Port *port = g_new0(Port, 1);

    port->device = device;
    ((Row *)link->data)->n_free--;
    state->n_free--;
    g_hash_table_insert(state->taken, g_strdup(name), port);
    if (is_hub(device)) {
        port->row = add_row(bus, g_strconcat(name, ".", NULL), 1, ((const VtUsbHub *)vt_object_config(device))->ports);
    }
}

static bool
place(VtBus *bus, VtObject *device, GError **error)
{
    start(bus);
    if (port_of(device)) {
        if (!check_port(bus, device, error)) {
            end_if_empty(bus->state);
            return false;
        }
    } else {
        g_autofree char *chosen = first_free(bus, device);

        if (!chosen) {
            end_if_empty(bus->state);
            return vt_error_set(error, "bus '%s': no free port", bus->name);
        }
        vt_object_settle_str(device, "port", chosen);
    }
    take(bus, device);
    return true;
}

static void
leave(VtBus *bus, VtObject *device)
{
    State *state = bus->state;
    const char *name = port_of(device);
    GList *link = row_of(bus, name), *own = at_port(bus, name)->row;

    g_hash_table_remove(state->taken, name);
    if (own) {
        remove_row(state, own);
    }
    if (link) {
        const char *dot = strrchr(name, '.');
        unsigned number = port_number(dot ? dot + 1 : name);
        Row *row = link->data;

        row->n_free++;
        row->lowest = MIN(row->lowest, number);
        state->n_free++;
        if (!state->open || row->serial < ((const Row *)state->open->data)->serial) {
            state->open = link;
        }
    }
    end_if_empty(state);
}

/* Requests a hub for the last free port, so that further ports exist. */
static const char *
wants(VtBus *bus, VtObject *device)
{
    State *state = bus->state;
    unsigned n_free = state->taken ? state->n_free : bus->slots[0].last - bus->slots[0].first + 1;
    unsigned n_hubs = state->taken && n_free ? open_row(state)->n_hubs : 0;

    return !port_of(device) && !is_hub(device) && n_free == 1 && n_hubs < HUBS_MAX ? "usb-hub" : NULL;
}

static bool
has_room(VtBus *bus, VtObject *device)
{
    const State *state = bus->state;

    (void)device;
    return !state->taken || state->n_free;
}

/* A port of a hub does not exist until the hub has its own port. */
static bool
is_fixed(const VtBus *bus, const VtObject *device)
{
    (void)bus;
    return port_of(device) && !strchr(port_of(device), '.');
}

const VtBusOps vt_bus_ops_usb_bus = {.state_size = sizeof(State),
                                     .place = place,
                                     .remove = leave,
                                     .is_fixed = is_fixed,
                                     .has_room = has_room,
                                     .wants = wants};
