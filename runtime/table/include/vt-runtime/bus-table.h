/* SPDX-License-Identifier: MIT */
/*
 * Rows of buses, bus types and other types of QOM. See table.h, which includes this, for the form of the tables.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define VT_BUS_DEPTH 3 /* maximum number of parts of an address */

typedef struct VtSlots {
    uint32_t first, last;
} VtSlots;

typedef struct VtBusRow { /* one or more equal buses that objects of the class provide */
    uint32_t type;        /* bus type name */
    uint32_t name;        /* pattern: "{id}", "{id}.{n}", "pcie.0" */
    VtSlots slots[VT_BUS_DEPTH];
    uint32_t reserved;   /* first of triples (address, by, when) of pool strings in VtLayer.inputs */
    uint32_t as_many_as; /* first in VtLayer.inputs of the members with the number of slots, 0-terminated; or 0 */
    uint32_t when;       /* exists if this member is on or given; with "!" before it, if not; 0: always */
    uint16_t count;
    uint8_t n_slots; /* 0: no limit of devices */
    uint8_t n_reserved;
    bool hotplug;
} VtBusRow;

typedef struct VtBusType {
    uint32_t name;
    uint32_t parent; /* name, or 0 */
    uint32_t doc;    /* into VtLayer.texts */
    uint32_t stem; /* prefix of bus names if the owner has no id, before the number; 0: the type's name in lower case */
    uint32_t address;    /* first in VtLayer.inputs of the device members with the parts of the address; or 0 */
    uint32_t identity;   /* name of the struct of what drivers find its devices by; or 0: that of the parent */
    uint32_t implements; /* first in VtLayer.inputs of its interfaces, 0-terminated; or 0 */
    uint16_t targets;    /* mask of VT_TARGET_*; 0: all */
    uint16_t life;       /* into VtLayer.lives; 0: none */
    uint32_t flags;      /* VT_QOM_* */
} VtBusType;

enum { /* flags of VtBusType and VtQomRow */
       VT_QOM_ABSTRACT = 1 << 0,
       VT_QOM_UNLISTED = 1 << 1, /* not a type of QOM */
       VT_QOM_INTERFACE = 1 << 2,
};

typedef struct VtQomRow { /* a type of QOM that is neither a class nor a bus type */
    uint32_t name;
    uint32_t parent;     /* name; 0: none */
    uint32_t implements; /* as in VtBusType */
    uint16_t targets;
    uint16_t life;
    uint32_t flags;
} VtQomRow;
