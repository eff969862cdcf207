/* SPDX-License-Identifier: MIT */
/*
 * Rows: functions for the directories that read and write values.
 */
#pragma once

#include "vt-runtime/schema.h"

/* Returns the kind of integer in which a value of @row is stored: VT_KIND_UINT32 for an enum, VtScalar.kind for a
 * scalar. */
VtKind vt_row_integer_kind(const VtSchema *schema, const VtRow *row);
/* Stores @value in @field, whose width is that of the integer @kind. */
static inline void
vt_store_integer(VtKind kind, void *field, uint64_t value)
{
    switch (kind) {
    case VT_KIND_INT8:
    case VT_KIND_UINT8:
        *(uint8_t *)field = (uint8_t)value;
        break;
    case VT_KIND_INT16:
    case VT_KIND_UINT16:
        *(uint16_t *)field = (uint16_t)value;
        break;
    case VT_KIND_INT32:
    case VT_KIND_UINT32:
        *(uint32_t *)field = (uint32_t)value;
        break;
    default:
        *(uint64_t *)field = value;
        break;
    }
}

/* Returns whether defaults of @row are trees of VtPart. */
static inline bool
vt_row_is_composite(const VtRow *row)
{
    return row->flags & VT_ROW_LIST || row->kind == VT_KIND_STRUCT || row->kind == VT_KIND_UNION ||
           row->kind == VT_KIND_ALTERNATE;
}

/* Facts about the values of a type, as bits. VT_TYPE_KNOWN is always set. */
typedef enum VtTypeFact {
    VT_TYPE_KNOWN = 1 << 0,
    VT_TYPE_OWNS = 1 << 1,     /* values may own memory */
    VT_TYPE_REQUIRES = 1 << 2, /* the struct has required members */
    VT_TYPE_DEFAULTS = 1 << 3, /* members at the top level have defaults */
} VtTypeFact;
unsigned vt_type_facts(const VtSchema *schema, uint16_t type);
/* Returns whether values of @row may own memory. */
bool vt_row_owns(const VtSchema *schema, const VtRow *row);
