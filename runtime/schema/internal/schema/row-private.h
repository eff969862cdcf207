/* SPDX-License-Identifier: MIT */
/*
 * Rows, for the floors that read and write values.
 */
#pragma once

#include "vt-runtime/schema.h"

/* The kind that the row's value is kept as: an enum is a VT_KIND_UINT32, a scalar what it says. */
VtKind vt_row_integer_kind(const VtSchema *schema, const VtRow *row);
/* Into a field as wide as @kind, which is one of integers. */
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

/* Whether the row's defaults are trees of parts. */
static inline bool
vt_row_is_composite(const VtRow *row)
{
    return row->flags & VT_ROW_LIST || row->kind == VT_KIND_STRUCT || row->kind == VT_KIND_UNION ||
           row->kind == VT_KIND_ALTERNATE;
}

/* What is true of a type's values, as bits; VT_TYPE_KNOWN is always set. */
typedef enum VtTypeFact {
    VT_TYPE_KNOWN = 1 << 0,
    VT_TYPE_OWNS = 1 << 1,     /* they may own memory */
    VT_TYPE_REQUIRES = 1 << 2, /* a struct with required members */
    VT_TYPE_DEFAULTS = 1 << 3, /* members of the struct or union itself have defaults */
} VtTypeFact;
unsigned vt_type_facts(const VtSchema *schema, uint16_t type);
/* Whether values of the row may own memory. */
bool vt_row_owns(const VtSchema *schema, const VtRow *row);
