/* SPDX-License-Identifier: MIT */
/*
 * Buses that devices plug into.  The layer that declares a bus type implements the rules of the type (slots, addresses)
 * in vt_bus_ops_<type>.
 */
#pragma once

#include "vt-runtime/object.h"

typedef struct VtBus {
    const char *type;
    char *name;
    VtObject *owner; /* the object that provides the bus; borrowed */
    const VtBusInfo *info;
    VtSlots slots[VT_BUS_DEPTH]; /* one for each part of an address of the bus type */
    unsigned n_slots;            /* entries of @slots; 0: no limit on the number of devices */
    const char **reserved;       /* pairs of address and occupant; NULL-terminated */
    GPtrArray *devices;          /* VtObject *, sorted by address; borrowed */
    void *state;                 /* VtBusOps.state_size zeroed bytes for the bus type; NULL if it is 0 */
} VtBus;

struct VtBusOps {
    size_t state_size;
    /* Reserves an address for @device by its config (addr, …).  Chooses an address if the config has none, and sets the
     * member by vt_object_settle_uint() or vt_object_settle_str().  Fails if the address is in use or does not
     * exist. */
    bool (*place)(VtBus *bus, VtObject *device, GError **error);
    /* Releases the address of a device that place() accepted. */
    void (*remove)(VtBus *bus, VtObject *device);
    /* Returns whether the config sets the address.  Such devices get their addresses before other devices.  NULL:
     * never. */
    bool (*is_fixed)(const VtBus *bus, const VtObject *device);
    /* Returns whether a device without a configured address fits.  The object model chooses the first bus with room.
     * NULL: always. */
    bool (*has_room)(VtBus *bus, VtObject *device);
    /* Compares two devices of the bus for sorting: <0, 0, >0.  NULL or 0: order of placement. */
    int (*compare)(const VtObject *a, const VtObject *b);
    /* Returns the class of a device that the bus requires before @device, or NULL.  The object model then creates a
     * device of that class on the same bus.  The name is static text. */
    const char *(*wants)(VtBus *bus, VtObject *device);
};

/*
 * The default rules, for a bus type without its own VtBusOps.  The members that form the address are integers within
 * the slots of the bus.  Each address has one device.  A device without a configured address gets the lowest free one.
 * If the bus type has no address, the slots limit the number of devices only.  The functions below let other bus types
 * reuse parts of these rules.
 */
extern const VtBusOps vt_number_bus_ops;
/* The same as place() and has_room() of vt_number_bus_ops, but an automatic address is at least @from. */
bool vt_number_bus_place_from(VtBus *bus, VtObject *device, uint32_t from, GError **error);
bool vt_number_bus_has_room_from(VtBus *bus, VtObject *device, uint32_t from);
void vt_number_bus_remove(VtBus *bus, VtObject *device);
bool vt_number_bus_is_fixed(const VtBus *bus, const VtObject *device);
int vt_number_bus_compare(const VtObject *a, const VtObject *b);
