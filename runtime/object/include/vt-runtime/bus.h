/* SPDX-License-Identifier: MIT */
/*
 * Buses: where devices take their place.  A bus type's rules (slots, addresses) are behaviour of the layer that
 * declares the type: vt_bus_ops_<type>.
 */
#pragma once

#include "vt-runtime/object.h"

typedef struct VtBus {
    const char *type; /* bus type name */
    char *name;
    VtObject *owner; /* the object that provides it */
    const VtBusInfo *info;
    VtSlots slots[VT_BUS_DEPTH]; /* by the parts of its type's address */
    unsigned n_slots;            /* 0: there is room for any number */
    const char **reserved;       /* pairs address, occupant; NULL-terminated */
    GPtrArray *devices;          /* VtObject *, in order of their places; borrowed */
    void *state;                 /* the bus type's own */
} VtBus;

struct VtBusOps {
    size_t state_size;
    /* Takes the device's place on @bus, by its config (addr, …).  May choose an address that was not given, and settles
     * the member by vt_object_settle_uint() or vt_object_settle_str().  Fails if the place is taken or does not exist.
     */
    bool (*place)(VtBus *bus, VtObject *device, GError **error);
    /* Gives up the place of a device that place() accepted. */
    void (*remove)(VtBus *bus, VtObject *device);
    /* Whether the device's address was given: such devices are placed before the others.  NULL: never. */
    bool (*is_fixed)(VtBus *bus, VtObject *device);
    /* Whether a device without a given address still fits; the first bus with room is chosen.  NULL: always. */
    bool (*has_room)(VtBus *bus, VtObject *device);
    /* Order among the bus's devices: <0, 0, >0.  NULL: order of placement. */
    int (*compare)(VtObject *a, VtObject *b);
    /* The name of a device class that must be on the bus before @device, or NULL; a device of it is created first.  A
     * literal of the tables or the code. */
    const char *(*wants)(VtBus *bus, VtObject *device);
};

/*
 * The rules of bus types that have none of their own: what the type's address names are numbers within the bus's
 * slots, each place has one device, and what a device leaves open is the first free number.  Without an address only
 * the number of devices counts.  Rules of one's own may build on these.
 */
extern const VtBusOps vt_number_bus_ops;
/* As its place and has_room, with open numbers from @from on. */
bool vt_number_bus_place_from(VtBus *bus, VtObject *device, uint32_t from, GError **error);
bool vt_number_bus_has_room_from(VtBus *bus, VtObject *device, uint32_t from);
void vt_number_bus_remove(VtBus *bus, VtObject *device);
bool vt_number_bus_is_fixed(VtBus *bus, VtObject *device);
int vt_number_bus_compare(VtObject *a, VtObject *b);
