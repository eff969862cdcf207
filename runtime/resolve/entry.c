/* SPDX-License-Identifier: MIT */
/*
 * Values of timeline entries, and defaults of structs.
 *
 * A simple value is in its entry. A struct, union, alternate or list is a tree of VtPart. qapi-gen has checked the tree
 * and its order, so the functions below cannot fail.
 */
#include <string.h>

#include "resolve/context-private.h"
#include "value/value-private.h"
#include "vt-runtime/json.h"

typedef struct Reader {
    const VtSchema *schema;
    const VtContext *ctx;
    const VtLayer *layer; /* layer of the parts and their strings */
    const VtPart *next;
} Reader;

static void settle_one(Reader *reader, const VtPart *part, const VtLayer *layer, const VtRow *row, void *field);

static void
settle_simple(const VtSchema *schema, const VtLayer *strings, uint64_t value, bool is_str, const VtLayer *layer,
              const VtRow *row, void *field)
{
    if (is_str) {
        const char *text = vt_str(strings, (uint32_t)value);

        if (row->kind == VT_KIND_ANY) {
            *(json_object **)field = vt_json_parse(text, strlen(text), "", NULL);
        } else if (row->kind == VT_KIND_REF) {
            ((VtRef *)field)->id = g_strdup(text);
        } else {
            *(char **)field = g_strdup(text);
        }
    } else if (row->kind == VT_KIND_NUMBER) {
        memcpy(field, &value, sizeof(double));
    } else {
        vt_field_set_uint(schema, layer, row, field, value);
    }
}

/* Sets a list, a boxed value (and allocates it), or a value for settle_one(). */
static void
settle_field(Reader *reader, const VtLayer *layer, const VtRow *row, void *field)
{
    const VtPart *part = reader->next++;

    if (row->flags & VT_ROW_LIST) {
        size_t size = vt_row_size(reader->schema, layer, row);
        VtList *list = field;

        list->n = part->value;
        list->v = list->n ? g_malloc0_n(list->n, size) : NULL;
        for (size_t i = 0; i < list->n; i++) {
            settle_one(reader, reader->next++, layer, row, (char *)list->v + i * size);
        }
    } else if (row->flags & VT_ROW_BOXED) {
        *(void **)field = g_malloc0(vt_schema_type(reader->schema, row->type)->size);
        settle_one(reader, part, layer, row, *(void **)field);
    } else {
        settle_one(reader, part, layer, row, field);
    }
}

static void
settle_member(Reader *reader, const VtLayer *layer, const VtType *type, const VtRow *row, char *data)
{
    uint64_t *given = vt_given_word(data, type->words_offset, row->bit), mask = UINT64_C(1) << (row->bit % 64);

    if (given[type->words] & mask) {
        vt_field_clear(reader->schema, layer, row, data + row->offset);
    }
    given[0] |= mask;
    given[type->words] |= mask;
    settle_field(reader, layer, row, data + row->offset);
}

/* A member without a part has its own default. */
static void
settle_struct(Reader *reader, const VtPart *part, uint16_t type_id, char *data)
{
    const VtLayer *layer = vt_schema_type_layer(reader->schema, type_id);
    const VtType *type = vt_schema_type(reader->schema, type_id);
    const VtPart *branch = NULL;
    uint16_t branch_type;

    vt_struct_init(reader->schema, reader->ctx, type_id, data);
    for (uint64_t i = 0; i < part->value && !branch; i++) {
        if (reader->next->row < type->count) {
            settle_member(reader, layer, type, &layer->rows[type->first + reader->next->row], data);
        } else {
            branch = reader->next++;
        }
    }
    branch_type = type->kind == VT_TYPE_UNION ? vt_union_branch(layer, type, data) : 0;
    if (branch_type) {
        settle_struct(reader, branch ? branch : &reader->layer->parts[0], branch_type, data + type->union_offset);
    }
}

static void
settle_one(Reader *reader, const VtPart *part, const VtLayer *layer, const VtRow *row, void *field)
{
    if (row->kind == VT_KIND_STRUCT || row->kind == VT_KIND_UNION) {
        settle_struct(reader, part, row->type, field);
    } else if (row->kind == VT_KIND_ALTERNATE) {
        const VtLayer *own = vt_schema_type_layer(reader->schema, row->type);
        const VtType *type = vt_schema_type(reader->schema, row->type);

        *(uint32_t *)field = reader->next->row;
        settle_field(reader, own, &own->rows[type->first + reader->next->row], (char *)field + type->union_offset);
    } else {
        settle_simple(reader->schema, reader->layer, part->value, part->flags & VT_ENTRY_STR, layer, row, field);
    }
}

bool
vt_entry_settle(const VtSchema *schema, const VtContext *ctx, const VtLayer *default_layer, const VtEntry *entry,
                const VtLayer *layer, const VtRow *row, void *field)
{
    if (entry->flags & VT_ENTRY_ABSENT) {
        return false;
    }
    if (vt_row_is_composite(row)) {
        Reader reader = {schema, ctx, default_layer, &default_layer->parts[entry->value]};

        settle_field(&reader, layer, row, field);
    } else {
        settle_simple(schema, default_layer, entry->value, entry->flags & VT_ENTRY_STR, layer, row, field);
        if (layer->colds[row->cold].features & VT_FEATURE_CLASS_NAME) {
            char *name = *(char **)field;

            *(char **)field = g_strdup(vt_schema_spelled(schema, name));
            g_free(name);
        }
    }
    return true;
}

/* ---- plain structs ---------------------------------------------------------------------------------- */

void
vt_struct_image_free(VtStructImage *image)
{
    g_free(image->data);
    g_free(image->pointers);
    g_free(image);
}

static void
init_row(const VtSchema *schema, const VtContext *ctx, const VtLayer *layer, const VtType *type, const VtRow *row,
         void *data)
{
    const VtCold *cold = &layer->colds[row->cold];
    const VtEntry *entry;

    if (!cold->timeline || (row->flags & VT_ROW_IF_OFF)) {
        return;
    }
    entry = vt_timeline_resolve_by(ctx, layer, &layer->timelines[cold->timeline], &(VtResolveRule){0});
    if (entry && vt_entry_settle(schema, ctx, layer, entry, layer, row, (char *)data + row->offset)) {
        vt_given_word(data, type->words_offset, row->bit)[type->words] |= UINT64_C(1) << (row->bit % 64);
    }
}

/* @type_id is a struct or a union: other types have no members with defaults. */
static void
init_rows(const VtSchema *schema, const VtContext *ctx, uint16_t type_id, void *data)
{
    const VtLayer *layer = vt_schema_type_layer(schema, type_id);
    const VtType *type = vt_schema_type(schema, type_id);

    for (unsigned i = 0; i < type->count; i++) {
        init_row(schema, ctx, layer, type, &layer->rows[type->first + i], data);
    }
}

static VtStructImage *
make_struct_image(const VtContext *ctx, uint16_t type_id)
{
    const VtLayer *layer = vt_schema_type_layer(ctx->schema, type_id);
    const VtType *type = vt_schema_type(ctx->schema, type_id);
    VtStructImage *image = g_new0(VtStructImage, 1);

    image->data = g_malloc0(type->size);
    image->pointers = g_new0(uint16_t, type->count);
    init_rows(ctx->schema, ctx, type_id, image->data);
    for (unsigned i = 0; i < type->count; i++) {
        const VtRow *row = &layer->rows[type->first + i];

        if (vt_field_owns(ctx->schema, layer, row, (char *)image->data + row->offset)) {
            image->pointers[image->n_pointers++] = (uint16_t)i;
        }
    }
    return image;
}

void
vt_struct_init(const VtSchema *schema, const VtContext *ctx, uint16_t type_id, void *data)
{
    const VtStructImage *image;
    const VtLayer *layer;

    if (!(vt_type_facts(schema, type_id) & VT_TYPE_DEFAULTS)) {
        return;
    }
    if (!ctx) {
        init_rows(schema, NULL, type_id, data);
        return;
    }
    if (!ctx->struct_images[type_id]) {
        ctx->struct_images[type_id] = make_struct_image(ctx, type_id);
    }
    image = ctx->struct_images[type_id];
    memcpy(data, image->data, vt_schema_type(schema, type_id)->size);
    layer = vt_schema_type_layer(schema, type_id);
    for (size_t i = 0; i < image->n_pointers; i++) {
        const VtRow *row = &layer->rows[vt_schema_type(schema, type_id)->first + image->pointers[i]];

        vt_field_copy(schema, layer, row, (char *)data + row->offset, (char *)image->data + row->offset);
    }
}
