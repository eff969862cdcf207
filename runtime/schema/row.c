/* SPDX-License-Identifier: MIT */
/*
 * Rows: sizes of members, and facts about their values.
 */
#include "schema/row-private.h"

#include "schema/schema-private.h"

VtKind
vt_row_integer_kind(const VtSchema *schema, const VtRow *row)
{
    if (row->kind == VT_KIND_SCALAR) {
        const VtLayer *layer = vt_schema_type_layer(schema, row->type);

        return layer->scalars[vt_schema_type(schema, row->type)->first].kind;
    }
    return row->kind == VT_KIND_ENUM ? VT_KIND_UINT32 : row->kind;
}

size_t
vt_row_size(const VtSchema *schema, G_GNUC_UNUSED const VtLayer *layer, const VtRow *row)
{
    switch ((VtKind)row->kind) {
    case VT_KIND_BOOL:
    case VT_KIND_NULL:
        return sizeof(bool);
    case VT_KIND_INT8:
    case VT_KIND_UINT8:
        return 1;
    case VT_KIND_INT16:
    case VT_KIND_UINT16:
        return 2;
    case VT_KIND_INT32:
    case VT_KIND_UINT32:
    case VT_KIND_ENUM:
        return 4;
    case VT_KIND_INT64:
    case VT_KIND_UINT64:
    case VT_KIND_SIZE:
    case VT_KIND_NUMBER:
        return 8;
    case VT_KIND_STR:
    case VT_KIND_ANY:
        return sizeof(void *);
    case VT_KIND_SCALAR: {
        VtRow plain = {.kind = (uint8_t)vt_row_integer_kind(schema, row)};

        return vt_row_size(schema, layer, &plain);
    }
    case VT_KIND_STRUCT:
    case VT_KIND_UNION:
    case VT_KIND_ALTERNATE:
        return vt_schema_type(schema, row->type)->size;
    case VT_KIND_REF:
        return sizeof(VtRef);
    case VT_KIND_NONE:
    case VT_KIND_LIST:
        break;
    }
    g_assert_not_reached();
}

size_t
vt_field_size(const VtSchema *schema, const VtLayer *layer, const VtRow *row)
{
    if (row->flags & VT_ROW_LIST) {
        return sizeof(VtList);
    }
    if (row->flags & VT_ROW_BOXED) {
        return sizeof(void *);
    }
    return vt_row_size(schema, layer, row);
}

bool
vt_row_owns(const VtSchema *schema, const VtRow *row)
{
    if (row->flags & (VT_ROW_LIST | VT_ROW_BOXED)) {
        return true;
    }
    switch ((VtKind)row->kind) {
    case VT_KIND_STR:
    case VT_KIND_ANY:
    case VT_KIND_REF:
        return true;
    case VT_KIND_SCALAR:
        return vt_row_integer_kind(schema, row) == VT_KIND_STR;
    case VT_KIND_STRUCT:
    case VT_KIND_UNION:
    case VT_KIND_ALTERNATE:
        return vt_type_facts(schema, row->type) & VT_TYPE_OWNS;
    default:
        return false;
    }
}

unsigned
vt_type_facts(const VtSchema *schema, uint16_t type_id)
{
    guint8 *facts = &schema->type_facts[type_id];

    if (G_UNLIKELY(!*facts)) {
        const VtLayer *layer = vt_schema_type_layer(schema, type_id);
        const VtType *type = vt_schema_type(schema, type_id);
        unsigned found = VT_TYPE_KNOWN;

        /* Assume that a union or alternate owns memory: its branches are not examined. */
        if (type->kind != VT_TYPE_STRUCT) {
            found |= VT_TYPE_OWNS;
        }
        for (unsigned i = 0; i < type->count && type->kind != VT_TYPE_ENUM && type->kind != VT_TYPE_SCALAR; i++) {
            const VtRow *row = &layer->rows[type->first + i];

            found |= row->flags & VT_ROW_REQUIRED ? VT_TYPE_REQUIRES : 0;
            found |= layer->colds[row->cold].timeline && !(row->flags & VT_ROW_IF_OFF) ? VT_TYPE_DEFAULTS : 0;
            if (type->kind == VT_TYPE_STRUCT && vt_row_owns(schema, row)) {
                found |= VT_TYPE_OWNS;
            }
        }
        *facts = (guint8)found;
    }
    return *facts;
}

bool
vt_prop_is_shown(const VtProp *prop, uint16_t target)
{
    return !prop->hidden && !(prop->row->flags & VT_ROW_IF_OFF) && !(prop->cold->features & VT_FEATURE_SENSITIVE) &&
           (!prop->cold->targets || !target || (prop->cold->targets & target));
}
