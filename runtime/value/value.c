/* SPDX-License-Identifier: MIT */
/*
 * Values in memory, by their rows: access to integers, and ownership of memory.
 */
#include "value/value-private.h"

#include <string.h>

#include <json-c/json_object.h>

#include "schema/schema-private.h"
#include "vt-runtime/wipe.h"

/* ---- integers --------------------------------------------------------------------------------------- */

uint64_t
vt_field_get_uint(const VtSchema *schema, G_GNUC_UNUSED const VtLayer *layer, const VtRow *row, const void *field)
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
vt_field_set_uint(const VtSchema *schema, G_GNUC_UNUSED const VtLayer *layer, const VtRow *row, void *field,
                  uint64_t value)
{
    VtKind kind = vt_row_integer_kind(schema, row);

    if (kind == VT_KIND_BOOL || kind == VT_KIND_NULL) {
        *(bool *)field = value;
    } else {
        vt_store_integer(kind, field, value);
    }
}

/* ---- ownership -------------------------------------------------------------------------------------- */

static bool
struct_owns(const VtSchema *schema, uint16_t type, const void *data)
{
    const VtLayer *layer = vt_schema_type_layer(schema, type);
    const VtType *t = vt_schema_type(schema, type);

    for (unsigned i = 0; i < t->count; i++) {
        const VtRow *row = &layer->rows[t->first + i];

        if (vt_field_owns(schema, layer, row, (const char *)data + row->offset)) {
            return true;
        }
    }
    return false;
}

bool
vt_field_owns(const VtSchema *schema, const VtLayer *layer, const VtRow *row, const void *field)
{
    if (row->flags & VT_ROW_LIST) {
        return ((const VtList *)field)->v != NULL;
    }
    if (row->flags & VT_ROW_BOXED) {
        return *(void *const *)field != NULL;
    }
    switch (row->kind) {
    case VT_KIND_STR:
    case VT_KIND_ANY:
        return *(void *const *)field != NULL;
    case VT_KIND_REF:
        return ((const VtRef *)field)->id || ((const VtRef *)field)->inline_config;
    case VT_KIND_SCALAR: {
        const VtLayer *l = vt_schema_type_layer(schema, row->type);
        const VtType *t = vt_schema_type(schema, row->type);

        return l->scalars[t->first].kind == VT_KIND_STR && *(void *const *)field;
    }
    case VT_KIND_STRUCT:
        return struct_owns(schema, row->type, field);
    case VT_KIND_UNION:
    case VT_KIND_ALTERNATE:
        /* vt_field_copy() examines the branch. */
        return true;
    default:
        (void)layer;
        return false;
    }
}

/* ---- release ---------------------------------------------------------------------------------------- */

static const VtRow *
alternate_branch(const VtLayer *layer, const VtType *type, const void *data)
{
    uint32_t index = *(const uint32_t *)data;

    return index < type->count ? &layer->rows[type->first + index] : NULL;
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

/* Overwrites a sensitive string before its memory is freed. */
static void
scrub(VtConfig *config, const VtProp *prop)
{
    char *text;

    if (prop->row->kind == VT_KIND_STR && !(prop->row->flags & VT_ROW_LIST)) {
        text = *(char **)vt_config_field(config, prop);
        if (text) {
            explicit_bzero(text, strlen(text));
        }
    }
}

void
vt_config_free(VtConfig *config)
{
    const VtClassInfo *info;
    const VtClassPrivate *class;

    if (!config) {
        return;
    }
    info = config->info;
    class = vt_class_private(info);
    for (size_t i = 0; i < class->n_owners; i++) {
        const VtProp *prop = &info->props[class->owners[i]];

        if (prop->cold->features & VT_FEATURE_SENSITIVE) {
            scrub(config, prop);
        }
        vt_field_release(info->schema, prop->layer, prop->row, vt_config_field(config, prop));
    }
    vt_config_release_texts(config);
    g_free(config);
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

/* ---- copies ----------------------------------------------------------------------------------------- */

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

/* Copies an inline definition with its values. The copy has the same image and position. */
static VtConfig *
copy_config(const VtSchema *schema, const VtConfig *src)
{
    const VtClassInfo *info = src->info;
    VtConfig *config = vt_config_alloc(info, src->where, src->where ? strlen(src->where) : 0);

    config->image = src->image;
    if (src->id) {
        vt_config_set_id(config, src->id, strlen(src->id));
    }
    config->option = src->option;
    config->model = g_strdup(src->model);
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
        /* A tree is never changed after it became a value, so a reference is enough. */
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
