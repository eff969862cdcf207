/* SPDX-License-Identifier: MIT */
/*
 * Places for processors: how many the machine has, where each is in the topology, and which class is in it.
 */
#pragma once

#include <json-c/json_types.h>

#include "smp.h"
#include "vt-runtime/vm.h"

struct VtPlaceFamily;

typedef struct VtPlaces {
    VtVm *vm;
    const struct VtPlaceFamily *family; /* NULL: the machine does not report places */
    const VtClassInfo *cpu;             /* class of the processors */
    const VtClassInfo *core;            /* class of what a place takes, where that is a core; NULL: a processor */
    unsigned started, n;                /* places that are taken at startup, and all places */
    unsigned threads;                   /* processors of a place */
    unsigned levels[VT_SMP_N_LEVELS];   /* of the topology */
} VtPlaces;

/* Returns false if the machine has no processors. */
bool vt_places_of(VtVm *vm, VtPlaces *ret_places);
/* What a place takes. */
const VtClassInfo *vt_places_class(const VtPlaces *places);
/* The members of CpuInstanceProperties of place @number; NULL: the machine does not report it.  A new reference. */
json_object *vt_place_props(const VtPlaces *places, unsigned number);
/* The same members of @device; NULL: it lacks one.  A new reference. */
json_object *vt_place_of_device(const VtPlaces *places, const VtObject *device);
