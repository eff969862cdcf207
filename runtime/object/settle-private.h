/* SPDX-License-Identifier: MIT */
/*
 * Shared by settle.c and derive.c.
 */
#pragma once

#include "object-private.h"

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

/* Settles one row of the place's struct. */
void vt_settle_row(VtPlace *place, const VtRow *row);
/* Calls derivation @index of @derive_layer for the value of @row; false where it says that there is none. */
bool vt_derive_call(VtPlace *place, const VtLayer *derive_layer, uint16_t index, const VtLayer *layer, const VtRow *row,
                    void *field);
/* What member @name refers to, as the class sees it that declares @from; NULL: nothing. */
const VtObject *vt_derive_referenced(VtObject *object, const VtProp *from, const char *name, size_t len);
/* The struct behind a field, boxed or not. */
void *vt_struct_data(const VtRow *row, void *field);
