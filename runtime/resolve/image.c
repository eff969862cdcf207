/* SPDX-License-Identifier: MIT */
/*
 * Images: a class's config with every constant settled, made once per context and copied from then on.
 */
#include <string.h>

#include "resolve/context-private.h"
#include "value/value-private.h"

/* ---- plain structs ---------------------------------------------------------------------------------- */

void
vt_struct_image_free(VtStructImage *image)
{
    g_free(image->data);
    g_free(image->pointers);
    g_free(image);
}

static void
set_bit(void *data, uint32_t words, unsigned n_words, unsigned bit)
{
    vt_given_word(data, words, bit)[n_words] |= UINT64_C(1) << (bit % 64);
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
        set_bit(data, type->words_offset, type->words, row->bit);
    }
}

/* Only structs and unions have members with defaults. */
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

/* ---- classes ---------------------------------------------------------------------------------------- */

static void
settle_prop(VtContext *ctx, VtImagePrivate *image, size_t index)
{
    const VtProp *prop = &image->class->info.props[index];
    const VtEntry *entry;

    if (!prop->timeline || (prop->row->flags & VT_ROW_IF_OFF)) {
        return;
    }
    entry = vt_timeline_resolve_by(ctx, prop->default_layer, prop->timeline, &(VtResolveRule){0});
    image->entries[index] = entry;
    if (entry && vt_entry_settle(ctx->schema, ctx, prop->default_layer, entry, prop->layer, prop->row,
                                 (char *)image->data + prop->offset)) {
        set_bit(image->data, prop->words, prop->n_words, prop->row->bit);
    }
}

static void
list_pointers(const VtSchema *schema, VtImagePrivate *image)
{
    const VtClassInfo *info = &image->class->info;

    image->pointers = g_new0(uint32_t, info->n_props + 1);
    for (size_t i = 0; i < info->n_props; i++) {
        const VtProp *prop = &info->props[i];

        if (vt_field_owns(schema, prop->layer, prop->row, (char *)image->data + prop->offset)) {
            image->pointers[image->image.n_pointers++] = (uint32_t)i;
        }
    }
    image->image.pointers = image->pointers;
}

const VtImage *
vt_context_image(VtContext *ctx, const VtClassInfo *info)
{
    VtImagePrivate *image;

    if (ctx->images[info->row->id]) {
        return ctx->images[info->row->id];
    }
    ctx->has_images = true;
    image = g_new0(VtImagePrivate, 1);
    image->class = vt_class_private(info);
    image->data = g_malloc0(info->row->config_size + 1);
    image->entries = g_new0(const VtEntry *, info->n_props + 1);
    image->global = g_new0(guint8, info->n_props + 1);
    for (size_t i = 0; i < info->n_props; i++) {
        settle_prop(ctx, image, i);
    }
    vt_globals_apply(ctx, image);
    image->image.info = info;
    image->image.data = image->data;
    image->image.entries = image->entries;
    image->image.global = image->global;
    list_pointers(ctx->schema, image);
    ctx->images[info->row->id] = &image->image;
    return &image->image;
}

void
vt_image_free(const VtSchema *schema, VtImagePrivate *image)
{
    for (size_t i = 0; i < image->image.n_pointers; i++) {
        const VtProp *prop = &image->image.info->props[image->pointers[i]];

        vt_field_clear(schema, prop->layer, prop->row, (char *)image->data + prop->offset);
    }
    g_free(image->entries);
    g_free(image->global);
    g_free(image->pointers);
    g_free(image->data);
    g_free(image);
}

VtConfig *
vt_config_new(VtContext *ctx, const VtClassInfo *info)
{
    const VtImage *image = ctx->images[info->row->id];
    VtConfig *config;

    if (!image) {
        image = vt_context_image(ctx, info);
    }
    config = vt_config_alloc(info);
    config->image = image;
    memcpy(config->data, image->data, info->row->config_size);
    for (size_t i = 0; i < image->n_pointers; i++) {
        const VtProp *prop = &info->props[image->pointers[i]];

        vt_field_copy(ctx->schema, prop->layer, prop->row, (char *)config->data + prop->offset,
                      (const char *)image->data + prop->offset);
    }
    return config;
}
