/* SPDX-License-Identifier: MIT */
/*
 * Shared by settle.c and derive.c.
 */
#pragma once

#include "object/object-private.h"

/* The struct whose members are settled: the class's config, or a struct inside it. */
typedef struct VtPlace {
    VtObject *object;     /* the top object */
    const VtProp *prop;   /* the class's member that is settled or has the struct as its value */
    const VtLayer *layer; /* layer of the struct's rows; NULL: the config of the class */
    const VtType *type;
    void *data;
    const void *before; /* copy of the struct as configured */
    guint8 *done;       /* VtLateState of each row of the struct */
} VtPlace;

#define VT_INPUTS_MAX 16

/* An input of a derivation: a member of an object, a row of VtPlace.type, or a constant. */
typedef struct VtInputRef {
    VtObject *object; /* the top object that has @prop */
    const VtProp *prop;
    const VtRow *row;  /* a row of VtPlace.type */
    const char *below; /* path from the member to a value inside it; NULL: the member itself */
    char separator;    /* between the names in @below */
    bool settled;      /* read the settled value; otherwise the configured one */
    VtValue value;     /* the constant, if @prop and @row are NULL */
} VtInputRef;

/* Finds one input, by its text. */
void vt_derivation_input(const VtPlace *place, const char *input, VtInputRef *ret_ref);
/* Stores the inputs of derivation @index of @derive_layer in @ret_refs, which has VT_INPUTS_MAX elements.  Returns
 * their number. */
size_t vt_derivation_inputs(const VtPlace *place, const VtLayer *derive_layer, uint16_t index, VtInputRef *ret_refs);
/* Calls the derivation with its inputs and stores the result in @field.  The caller settles the inputs first.  Returns
 * false if the result is "no value". */
bool vt_derivation_call(const VtPlace *place, const VtLayer *derive_layer, uint16_t index, const VtInputRef *refs,
                        size_t n, const VtLayer *layer, const VtRow *row, void *field);
/* The object that member @name refers to, or NULL.  The class that declares @from resolves the name first. */
VtObject *vt_derivation_referenced(const VtObject *object, const VtProp *from, const char *name, size_t len);
/* The struct of a field, boxed or not. */
static inline void *
vt_struct_data(const VtRow *row, void *field)
{
    return row->flags & VT_ROW_BOXED ? *(void **)field : field;
}
