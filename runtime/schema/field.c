/* SPDX-License-Identifier: MIT */
/*
 * Fields: values in memory, by their rows: integers of any width, and what owns memory.
 */
#include "vt-runtime/config.h"

#include <string.h>

#include <json-c/json_object.h>

#include "field-private.h"
#include "schema-private.h"
#include "vt-runtime/wipe.h"

/* ---- integers ---------------------------------------------------------------------------------------- */

VtKind
vt_row_integer_kind(const VtSchema *schema, const VtRow *row)
{
    if (row->kind == VT_KIND_SCALAR) {
        const VtLayer *layer = vt_schema_type_layer(schema, row->type);

        return layer->scalars[vt_schema_type(schema, row->type)->first].kind;
    }
    return row->kind == VT_KIND_ENUM ? VT_KIND_UINT32 : row->kind;
}

uint64_t
vt_field_get_uint(G_GNUC_UNUSED const VtLayer *layer, const VtSchema *schema, const VtRow *row, const void *field)
{
    switch (vt_row_integer_kind(schema, row)) {
    case VT_KIND_BOOL:
    case VT_KIND_NULL:
        return *(const bool *)field;
    case VT_KIND_INT8:
        return (uint64_t) * (const int8_t *)field;
    case VT_KIND_UINT8:
        return *(const uint8_t *)field;
    case VT_KIND_INT16:
        return (uint64_t) * (const int16_t *)field;
    case VT_KIND_UINT16:
        return *(const uint16_t *)field;
    case VT_KIND_INT32:
        return (uint64_t) * (const int32_t *)field;
    case VT_KIND_UINT32:
        return *(const uint32_t *)field;
    case VT_KIND_INT64:
    case VT_KIND_UINT64:
    case VT_KIND_SIZE:
        return *(const uint64_t *)field;
    default:
        g_assert_not_reached();
    }
}

void
vt_field_set_uint(G_GNUC_UNUSED const VtLayer *layer, const VtSchema *schema, const VtRow *row, void *field,
                  uint64_t value)
{
    VtKind kind = vt_row_integer_kind(schema, row);

    if (kind == VT_KIND_BOOL || kind == VT_KIND_NULL) {
        *(bool *)field = value;
    } else {
        vt_store_integer(kind, field, value);
    }
}

/* ---- memory of values -------------------------------------------------------------------------------- */

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

uint16_t
vt_union_branch(const VtLayer *layer, const VtType *type, const void *data)
{
    for (unsigned i = 0; i < type->count; i++) {
        const VtRow *row = &layer->rows[type->first + i];

        if (row->flags & VT_ROW_TAG) {
            uint32_t value = *(const uint32_t *)((const char *)data + row->offset);

            for (unsigned j = 0; j < type->n_branches; j++) {
                if (layer->branches[type->first_branch + j].value == value) {
                    return layer->branches[type->first_branch + j].type;
                }
            }
        }
    }
    return 0;
}

static const VtRow *
alternate_branch(const VtLayer *layer, const VtType *type, const void *data)
{
    uint32_t index = *(const uint32_t *)data;

    return index < type->count ? &layer->rows[type->first + index] : NULL;
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

        /* What a union's branches hold is not looked at: that they may own something is safe to say. */
        if (type->kind != VT_TYPE_STRUCT) {
            found |= VT_TYPE_OWNS;
        }
        for (unsigned i = 0; i < type->count && type->kind != VT_TYPE_ENUM && type->kind != VT_TYPE_SCALAR; i++) {
            const VtRow *row = &layer->rows[type->first + i];

            found |= row->flags & VT_ROW_REQUIRED ? VT_TYPE_REQUIRES : 0;
            if (type->kind == VT_TYPE_STRUCT && vt_row_owns(schema, row)) {
                found |= VT_TYPE_OWNS;
            }
        }
        *facts = (guint8)found;
    }
    return *facts;
}

static void clear_one(const VtSchema *schema, const VtRow *row, void *field);

static void
clear_contents(const VtSchema *schema, uint16_t type_id, void *data)
{
    const VtLayer *layer = vt_schema_type_layer(schema, type_id);
    const VtType *type = vt_schema_type(schema, type_id);

    if (type->kind == VT_TYPE_ALTERNATE) {
        const VtRow *row = alternate_branch(layer, type, data);

        if (row) {
            vt_field_release(schema, layer, row, (char *)data + type->union_offset);
        }
        return;
    }
    if (type->kind == VT_TYPE_LIST) {
        VtRow list = layer->rows[type->first]; /* describes an element */

        list.flags |= VT_ROW_LIST;
        vt_field_release(schema, layer, &list, data);
        return;
    }
    if (type->kind == VT_TYPE_UNION) {
        uint16_t branch = vt_union_branch(layer, type, data);

        if (branch) {
            clear_contents(schema, branch, (char *)data + type->union_offset);
        }
    }
    for (unsigned i = 0; i < type->count; i++) {
        const VtRow *row = &layer->rows[type->first + i];

        if (row->kind >= VT_KIND_STR || row->flags & VT_ROW_LIST) {
            vt_field_release(schema, layer, row, (char *)data + row->offset);
        }
    }
}

void
vt_struct_clear(const VtSchema *schema, uint16_t type, void *data)
{
    clear_contents(schema, type, data);
    memset(data, 0, vt_schema_type(schema, type)->size);
}

static void
clear_one(const VtSchema *schema, const VtRow *row, void *field)
{
    switch ((VtKind)row->kind) {
    case VT_KIND_STR:
        vt_wipe_str(*(char **)field);
        break;
    case VT_KIND_SCALAR:
        if (vt_row_integer_kind(schema, row) == VT_KIND_STR) {
            vt_wipe_str(*(char **)field);
        }
        break;
    case VT_KIND_ANY:
        json_object_put(*(json_object **)field);
        break;
    case VT_KIND_REF:
        g_free(((VtRef *)field)->id);
        vt_config_free(((VtRef *)field)->inline_config);
        break;
    case VT_KIND_STRUCT:
        if (!(vt_type_facts(schema, row->type) & VT_TYPE_OWNS)) {
            break;
        }
        clear_contents(schema, row->type, field);
        break;
    case VT_KIND_UNION:
    case VT_KIND_ALTERNATE:
        clear_contents(schema, row->type, field);
        break;
    default:
        break;
    }
}

void
vt_field_release(const VtSchema *schema, const VtLayer *layer, const VtRow *row, void *field)
{
    if (row->flags & VT_ROW_LIST) {
        VtList *list = field;

        if (list->v && (row->kind == VT_KIND_STR || row->kind >= VT_KIND_SCALAR)) {
            size_t size = vt_row_size(schema, layer, row);

            for (size_t i = 0; i < list->n; i++) {
                clear_one(schema, row, (char *)list->v + i * size);
            }
        }
        g_free(list->v);
    } else if (row->flags & VT_ROW_BOXED) {
        void *box = *(void **)field;

        if (box) {
            clear_one(schema, row, box);
            g_free(box);
        }
    } else {
        clear_one(schema, row, field);
    }
}

void
vt_field_clear(const VtSchema *schema, const VtLayer *layer, const VtRow *row, void *field)
{
    vt_field_release(schema, layer, row, field);
    memset(field, 0,
           row->flags & VT_ROW_LIST    ? sizeof(VtList)
           : row->flags & VT_ROW_BOXED ? sizeof(void *)
                                       : vt_row_size(schema, layer, row));
}

static void
copy_contents(const VtSchema *schema, uint16_t type_id, void *dst, const void *src)
{
    const VtLayer *layer = vt_schema_type_layer(schema, type_id);
    const VtType *type = vt_schema_type(schema, type_id);

    if (type->kind == VT_TYPE_ALTERNATE) {
        const VtRow *row = alternate_branch(layer, type, src);

        if (row) {
            vt_field_copy(schema, layer, row, (char *)dst + type->union_offset, (const char *)src + type->union_offset);
        }
        return;
    }
    if (type->kind == VT_TYPE_UNION) {
        uint16_t branch = vt_union_branch(layer, type, src);

        if (branch) {
            copy_contents(schema, branch, (char *)dst + type->union_offset, (const char *)src + type->union_offset);
        }
    }
    for (unsigned i = 0; i < type->count; i++) {
        const VtRow *row = &layer->rows[type->first + i];

        if (row->kind >= VT_KIND_STR || row->flags & VT_ROW_LIST) {
            vt_field_copy(schema, layer, row, (char *)dst + row->offset, (const char *)src + row->offset);
        }
    }
}

/* An inline definition is copied with what it holds; where it came from is the same. */
static VtConfig *
copy_config(const VtSchema *schema, const VtConfig *src)
{
    const VtClassInfo *info = src->info;
    VtConfig *config = vt_config_alloc(info);

    config->image = src->image;
    config->id = g_strdup(src->id);
    config->where = g_strdup(src->where);
    memcpy(config->data, src->data, info->row->config_size);
    for (size_t i = 0; i < info->n_props; i++) {
        const VtProp *prop = &info->props[i];

        if (prop->row->kind >= VT_KIND_STR || prop->row->flags & VT_ROW_LIST) {
            vt_field_copy(schema, prop->layer, prop->row, vt_config_field(config, prop), vt_config_field(src, prop));
        }
    }
    return config;
}

static void
copy_one(const VtSchema *schema, const VtRow *row, void *dst, const void *src)
{
    switch ((VtKind)row->kind) {
    case VT_KIND_STR:
        *(char **)dst = g_strdup(*(char *const *)src);
        break;
    case VT_KIND_SCALAR:
        if (vt_row_integer_kind(schema, row) == VT_KIND_STR) {
            *(char **)dst = g_strdup(*(char *const *)src);
        }
        break;
    case VT_KIND_ANY:
        /* Trees are never changed once they are values. */
        *(json_object **)dst = json_object_get(*(json_object *const *)src);
        break;
    case VT_KIND_REF: {
        const VtRef *from = src;

        *(VtRef *)dst = (VtRef){
            .id = g_strdup(from->id),
            .inline_config = from->inline_config ? copy_config(schema, from->inline_config) : NULL,
        };
        break;
    }
    case VT_KIND_STRUCT:
    case VT_KIND_UNION:
    case VT_KIND_ALTERNATE:
        copy_contents(schema, row->type, dst, src);
        break;
    default:
        break;
    }
}

void
vt_field_copy(const VtSchema *schema, const VtLayer *layer, const VtRow *row, void *dst, const void *src)
{
    size_t size;

    if (row->flags & VT_ROW_LIST) {
        const VtList *from = src;
        VtList to = {.n = from->n};

        size = vt_row_size(schema, layer, row);
        to.v = from->v ? g_memdup2(from->v, from->n * size) : NULL;
        for (size_t i = 0; to.v && i < to.n; i++) {
            copy_one(schema, row, (char *)to.v + i * size, (char *)from->v + i * size);
        }
        *(VtList *)dst = to;
    } else if (row->flags & VT_ROW_BOXED) {
        const void *from = *(void *const *)src;
        void *to = NULL;

        if (from) {
            to = g_memdup2(from, vt_row_size(schema, layer, row));
            copy_one(schema, row, to, from);
        }
        *(void **)dst = to;
    } else {
        if (dst != src) {
            memcpy(dst, src, vt_row_size(schema, layer, row));
        }
        copy_one(schema, row, dst, src);
    }
}
