/* SPDX-License-Identifier: MIT */
#include "schema/type-name.h"

static const char *const kind_names[] = {
    [VT_KIND_NONE] = "none",     [VT_KIND_BOOL] = "bool",     [VT_KIND_INT8] = "int8",   [VT_KIND_INT16] = "int16",
    [VT_KIND_INT32] = "int32",   [VT_KIND_INT64] = "int",     [VT_KIND_UINT8] = "uint8", [VT_KIND_UINT16] = "uint16",
    [VT_KIND_UINT32] = "uint32", [VT_KIND_UINT64] = "uint64", [VT_KIND_SIZE] = "size",   [VT_KIND_NUMBER] = "number",
    [VT_KIND_STR] = "str",       [VT_KIND_ANY] = "any",       [VT_KIND_NULL] = "null",   [VT_KIND_REF] = "str",
};

char *
vt_row_type_name(const VtSchema *schema, const VtLayer *layer, const VtRow *row)
{
    const char *name = row->kind < G_N_ELEMENTS(kind_names) ? kind_names[row->kind] : NULL;

    (void)layer;
    if (row->kind == VT_KIND_SCALAR) {
        const VtLayer *home = vt_schema_type_layer(schema, row->type);
        const VtScalar *scalar = &home->scalars[vt_schema_type(schema, row->type)->first];

        /* A scalar is a string in JSON if it accepts only strings; otherwise, it is of its stored kind. */
        name = scalar->accepts == VT_ACCEPTS_STR ? "str" : kind_names[scalar->kind];
    } else if (!name) {
        name = vt_str(vt_schema_type_layer(schema, row->type), vt_schema_type(schema, row->type)->name);
    }
    return row->flags & VT_ROW_LIST ? g_strdup_printf("[%s]", name) : g_strdup(name);
}
