/* SPDX-License-Identifier: MIT */
/*
 * Shared by settle.c and derive.c.
 */
#pragma once

#include "object/object-private.h"

/* Where a member is settled: in the class's config, or in a struct inside it. */
typedef struct VtPlace {
    VtObject *object;     /* the top one */
    const VtProp *prop;   /* the class's member that is settled, or holds the struct */
    const VtLayer *layer; /* of the struct's rows; NULL: the class itself */
    const VtType *type;
    void *data;
    const void *before; /* the struct as configured */
    guint8 *done;       /* by row of the struct: VtLateState */
} VtPlace;

#define VT_INPUTS_MAX 16

/* An input of a derivation: a member of some object, or of the place's struct, or what is known at once. */
typedef struct VtInputRef {
    VtObject *object; /* the top one that has @prop */
    const VtProp *prop;
    const VtRow *row;  /* of the place's struct */
    const char *below; /* path from the member to a value inside it; NULL: the member is meant */
    char separator;    /* in @below */
    bool settled;      /* the settled value is read, else the configured one */
    VtValue value;     /* without @prop and @row */
} VtInputRef;

/* The inputs of derivation @index of @derive_layer: how many there are. @ret_refs: VT_INPUTS_MAX of them. */
size_t vt_derive_inputs(const VtPlace *place, const VtLayer *derive_layer, uint16_t index, VtInputRef *ret_refs);
/* Calls the derivation for the value of @row, its settled inputs being so; false where it says that there is none. */
bool vt_derive_call(const VtPlace *place, const VtLayer *derive_layer, uint16_t index, const VtInputRef *refs, size_t n,
                    const VtLayer *layer, const VtRow *row, void *field);
/* What member @name refers to, as the class sees it that declares @from; NULL: nothing. */
const VtObject *vt_derive_referenced(VtObject *object, const VtProp *from, const char *name, size_t len);
/* The struct behind a field, boxed or not. */
static inline void *
vt_struct_data(const VtRow *row, void *field)
{
    return row->flags & VT_ROW_BOXED ? *(void **)field : field;
}
