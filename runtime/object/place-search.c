/* SPDX-License-Identifier: MIT */
/*
 * Finds a bus for a device that names none.  Searches a bus before the buses below it, and these from the newest to the
 * oldest.  A newer bus is usually meant for newer devices.  A bus remembers the classes for which it and the buses
 * below it are full, so that a search skips them together.
 */
#include <string.h>

#include "object/object-private.h"
#include "sorted.h"

typedef struct VtFull {
    const VtClassPrivate *class;
    guint open; /* the buses below from this index on have no room */
    bool own;   /* the bus itself has no room */
} VtFull;

typedef struct Search {
    VtObject *object;
    bool later; /* also use buses of objects that come after it on the command line */
    bool usual; /* the device has no configured address: a bus without room for it is full for its class */
} Search;

/* ---- full buses ------------------------------------------------------------------------------------- */

static guint
n_below(const VtBusPrivate *bus)
{
    return bus->below ? bus->below->len : 0;
}

static VtFull *
full_of(VtBusPrivate *bus, const VtClassPrivate *class)
{
    VtFull new = {.class = class, .open = n_below(bus)};

    if (!bus->full) {
        bus->full = g_array_sized_new(FALSE, FALSE, sizeof(VtFull), 1);
    }
    for (guint i = 0; i < bus->full->len; i++) {
        VtFull *full = &g_array_index(bus->full, VtFull, i);

        if (full->class == class) {
            return full;
        }
    }
    g_array_append_val(bus->full, new);
    return &g_array_index(bus->full, VtFull, bus->full->len - 1);
}

/* Records that the bus @below, which is below @above, may have room or is new. */
static void
open_up(VtBusPrivate *above, const VtBusPrivate *below)
{
    guint at = vt_sorted_find(above->below, below, vt_buses_compare);

    for (guint i = 0; i < above->full->len; i++) {
        VtFull *full = &g_array_index(above->full, VtFull, i);

        full->open = MIN(MAX(full->open, at) + 1, above->below->len);
    }
}

void
vt_place_changed(VtBus *bus)
{
    VtBusPrivate *at = (VtBusPrivate *)bus;

    for (guint i = 0; at->full && i < at->full->len; i++) {
        g_array_index(at->full, VtFull, i).own = false;
    }
    for (; at->above; at = (VtBusPrivate *)at->above) {
        VtBusPrivate *above = (VtBusPrivate *)at->above;

        if (above->full) {
            open_up(above, at);
        }
    }
}

/* ---- search ----------------------------------------------------------------------------------------- */

/* Whether neither the device nor -global sets the address. */
static bool
is_usual(const VtObject *object)
{
    const VtClassInfo *info = &object->class->info;
    const char *name;

    for (unsigned i = 0; (name = vt_schema_bus_address(info->schema, object->class->plugs_into, i)); i++) {
        const VtProp *prop = vt_class_prop(info, name, strlen(name));

        if (prop && vt_object_fixed(object, prop)) {
            return false;
        }
    }
    return !vt_place_is_fixed(object);
}

static bool
has_place(VtBus *bus, VtObject *object)
{
    const VtBusOps *ops = ((const VtBusPrivate *)bus)->ops;

    return !ops || (ops->is_fixed && ops->is_fixed(bus, object)) || !ops->has_room || ops->has_room(bus, object);
}

/* The number of @buses, from the oldest on, whose owner may come before the object on the command line. */
static guint
n_earlier(const Search *search, const GPtrArray *buses, guint n)
{
    guint low = 0;

    if (search->later || search->object->vm->n_inverted) {
        return n;
    }
    while (low < n) {
        guint middle = low + (n - low) / 2;

        if (((const VtBus *)buses->pdata[middle])->owner->serial < search->object->serial) {
            low = middle + 1;
        } else {
            n = middle;
        }
    }
    return low;
}

static VtBus *search_bus(const Search *search, VtBus *bus, bool *ret_full);

/* *@open: buses from this index on are full.  The search lowers it past other full buses. */
static VtBus *
search_list(const Search *search, const GPtrArray *buses, guint *open)
{
    guint first = n_earlier(search, buses, *open);
    bool all = first == *open; /* all buses from the current one on are full */

    for (guint i = first; i-- > 0;) {
        bool is_full = false;
        VtBus *found = search_bus(search, buses->pdata[i], &is_full);

        if (found) {
            return found;
        }
        all = all && is_full;
        if (all) {
            *open = i;
        }
    }
    return NULL;
}

static VtBus *
search_bus(const Search *search, VtBus *bus, bool *ret_full)
{
    VtBusPrivate *private = (VtBusPrivate *)bus;
    const VtObject *object = search->object;
    VtFull none = {.open = n_below(private)};
    VtFull *full = search->usual ? full_of(private, object->class) : &none;

    if (!full->own && vt_place_suits(bus, object)) {
        if (search->later || bus->owner->serial < object->serial) {
            if (has_place(bus, search->object)) {
                return bus;
            }
            full->own = true;
        }
    } else {
        full->own = true;
    }
    full->open = MIN(full->open, n_below(private));
    if (full->open) {
        VtBus *found = search_list(search, private->below, &full->open);

        if (found) {
            return found;
        }
    }
    *ret_full = search->usual && full->own && !full->open;
    return NULL;
}

VtBus *
vt_place_search(VtObject *object)
{
    Search search = {.object = object, .usual = is_usual(object)};
    guint open = object->vm->roots->len;
    VtBus *bus = search_list(&search, object->vm->roots, &open);

    if (!bus) {
        search.later = true;
        open = object->vm->roots->len;
        bus = search_list(&search, object->vm->roots, &open);
    }
    return bus;
}
