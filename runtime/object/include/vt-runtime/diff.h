/* SPDX-License-Identifier: MIT */
/*
 * What changes between two versions: the defaults of classes, or a VM planned in two contexts, with the reasons.
 */
#pragma once

#include "vt-runtime/vm.h"

typedef struct VtDiff {
    char *key;                     /* key of the object, or class name, also of a device of the board; owned */
    const VtClassInfo *class;      /* the class, or that of the object */
    const char *property;          /* NULL: the object exists on one side only, and the values are its class */
    bool is_size;                  /* the values are sizes in bytes */
    bool given;                    /* the user set the value of a side */
    bool guest;                    /* a device or the machine has the value, and the platform does not determine it */
    struct json_object *from, *to; /* owned; NULL: absent */
    const char *axis, *since, *why, *file;
    const char *erratum; /* of the other side: what some releases had */
    unsigned line;
} VtDiff;

/* An empty list of VtDiff; the caller frees it. */
GArray *vt_diffs_new(void);
/* The origin of the default of @prop in @config, a new one of its class in @ctx.  Its member 'from' is not set. */
VtProvenance vt_default_provenance(const VtContext *ctx, const VtConfig *config, const VtProp *prop);
/* Adds the defaults of @info that differ. @flags: VT_OUTPUT_*, for values. */
void vt_diff_classes(GArray *diffs, VtContext *from, VtContext *to, const VtClassInfo *info, unsigned flags);
/* Adds what differs between devices that both boards have and that are no objects: the defaults of their classes. */
void vt_diff_boards(GArray *diffs, const VtVm *from, const VtVm *to, unsigned flags);
/* Adds what differs between the VMs, with vt_diff_boards(). @types: names of classes to compare; empty: all. */
void vt_diff_vms(GArray *diffs, const VtVm *from, const VtVm *to, GPtrArray *types, bool settled, unsigned flags);
