/* SPDX-License-Identifier: MIT */
/*
 * Which buses a device could go to, by their types.
 */
#include <stdlib.h>

#include "object/object-private.h"

VtBus *
vt_place_named_bus(const VtObject *object)
{
    const VtProp *prop = object->class->bus_prop;
    const VtRef *ref = prop ? vt_config_field(object->config, prop) : NULL;

    return ref && ref->id ? vt_vm_find_bus(object->vm, ref->id) : NULL;
}

bool
vt_place_suits(const VtBus *bus, const VtObject *object)
{
    const char *type = object->class->plugs_into;

    return (bus->type == type || vt_schema_bus_is_a(object->vm->schema, bus->type, type)) &&
           !((const VtBusPrivate *)bus)->internal && vt_object_top(bus->owner) != object;
}

typedef void (*BusesFunc)(const GPtrArray *buses, const VtObject *object, void *opaque);

/* Calls @func with the buses of each type that the device might be plugged into. */
static void
each_type(const VtObject *object, BusesFunc func, void *opaque)
{
    GHashTableIter iter;
    void *type, *buses;

    g_hash_table_iter_init(&iter, object->vm->buses);
    while (g_hash_table_iter_next(&iter, &type, &buses)) {
        if (vt_schema_bus_is_a(object->vm->schema, type, object->class->plugs_into)) {
            func(buses, object, opaque);
        }
    }
}

static void
find_oldest(const GPtrArray *buses, const VtObject *object, void *opaque)
{
    VtBus **oldest = opaque;

    for (guint i = 0; i < buses->len; i++) {
        if (vt_place_suits(buses->pdata[i], object)) {
            if (!*oldest || vt_buses_compare(buses->pdata[i], *oldest) < 0) {
                *oldest = buses->pdata[i];
            }
            return;
        }
    }
}

VtBus *
vt_place_oldest(const VtObject *object)
{
    VtBus *oldest = NULL;

    each_type(object, find_oldest, &oldest);
    return oldest;
}

bool
vt_place_is_fixed(const VtObject *object)
{
    VtBus *bus = vt_place_named_bus(object);
    const VtBusOps *ops;

    bus = bus ? bus : vt_place_oldest(object);
    ops = bus ? ((const VtBusPrivate *)bus)->ops : NULL;
    return bus && vt_place_suits(bus, object) && ops && ops->is_fixed && ops->is_fixed(bus, object);
}

/* Whether such a bus is looked at before the owner's, because the owner sits on one itself. */
static bool
is_shadowed(const VtObject *owner, const VtObject *object)
{
    const char *type = owner->class->plugs_into;

    return type && vt_schema_bus_is_a(object->vm->schema, type, object->class->plugs_into);
}

static void
add_owners(const GPtrArray *buses, const VtObject *object, void *opaque)
{
    for (guint i = 0; i < buses->len; i++) {
        const VtBus *bus = buses->pdata[i];
        VtObject *owner = vt_object_top(bus->owner);

        if (!is_shadowed(owner, object)) {
            g_ptr_array_add(opaque, owner);
        }
    }
}

static int
compare_owners(const void *a, const void *b)
{
    const VtObject *x = *(VtObject *const *)a, *y = *(VtObject *const *)b;

    return x->serial < y->serial ? -1 : x->serial > y->serial;
}

GPtrArray *
vt_place_providers(const VtObject *object)
{
    GPtrArray *owners = g_ptr_array_new();

    each_type(object, add_owners, owners);
    if (owners->len) {
        qsort(owners->pdata, owners->len, sizeof(void *), compare_owners);
    }
    return owners;
}
