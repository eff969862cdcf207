/* SPDX-License-Identifier: MIT */
/*
 * Images: a class's config with every constant settled, made once per context and copied from then on.
 */
#include <string.h>

#include "resolve/context-private.h"
#include "value/value-private.h"
#include "vt-runtime/input.h"

/* ---- values of entries ------------------------------------------------------------------------------ */

static bool
settle_json(const VtSchema *schema, const VtContext *ctx, const char *text, const VtLayer *layer, const VtRow *row,
            void *field, GError **error)
{
    g_autoptr(VtInput) input = vt_input_new_json(text, strlen(text), vt_str(layer, row->name));

    return vt_input_visit_value(input, schema, (VtContext *)ctx, layer, row, field, error);
}

bool
vt_entry_settle(const VtSchema *schema, const VtContext *ctx, const VtLayer *default_layer, const VtEntry *entry,
                const VtLayer *layer, const VtRow *row, void *field, bool *ret_present, GError **error)
{
    if (entry->flags & VT_ENTRY_ABSENT) {
        *ret_present = false;
        return true;
    }
    *ret_present = true;
    if (entry->flags & VT_ENTRY_JSON) {
        const char *text = vt_str(default_layer, (uint32_t)entry->value);

        return settle_json(schema, ctx, text, layer, row, field, error);
    }
    if (entry->flags & VT_ENTRY_STR) {
        char *text = g_strdup(vt_str(default_layer, (uint32_t)entry->value));

        if (row->kind == VT_KIND_REF) {
            ((VtRef *)field)->id = text;
        } else {
            *(char **)field = text;
        }
        return true;
    }
    if (row->kind == VT_KIND_NUMBER) {
        memcpy(field, &entry->value, sizeof(double));
    } else {
        vt_field_set_uint(layer, schema, row, field, entry->value);
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
    bool present;
    bool ok;

    if (!cold->timeline || (row->flags & VT_ROW_IF_OFF)) {
        return;
    }
    entry = vt_timeline_resolve_by(ctx, layer, &layer->timelines[cold->timeline], &(VtResolveRule){0});
    if (!entry) {
        return;
    }
    /* The compiler has checked that the default is a value of its member. */
    ok = vt_entry_settle(schema, ctx, layer, entry, layer, row, (char *)data + row->offset, &present, NULL);
    g_assert(ok);
    if (present) {
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

static bool
settle_prop(VtContext *ctx, VtImagePrivate *image, size_t index, GError **error)
{
    const VtProp *prop = &image->class->info.props[index];
    const VtEntry *entry;
    bool present;

    if (!prop->timeline || (prop->row->flags & VT_ROW_IF_OFF)) {
        return true;
    }
    entry = vt_timeline_resolve_by(ctx, prop->default_layer, prop->timeline, &(VtResolveRule){0});
    if (!entry) {
        return true;
    }
    image->entries[index] = entry;
    if (!vt_entry_settle(ctx->schema, ctx, prop->default_layer, entry, prop->layer, prop->row,
                         (char *)image->data + prop->offset, &present, error)) {
        g_prefix_error(error, "default of %s.%s: ", image->class->info.name, prop->name);
        return false;
    }
    if (present) {
        set_bit(image->data, prop->words, prop->n_words, prop->row->bit);
    }
    return true;
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
vt_context_image(VtContext *ctx, const VtClassInfo *info, GError **error)
{
    VtImagePrivate *image;
    bool ok = true;

    if (ctx->images[info->row->id]) {
        return ctx->images[info->row->id];
    }
    ctx->has_images = true;
    image = g_new0(VtImagePrivate, 1);
    image->class = vt_class_private(info);
    image->data = g_malloc0(info->row->config_size + 1);
    image->entries = g_new0(const VtEntry *, info->n_props + 1);
    image->global = g_new0(guint8, info->n_props + 1);
    for (size_t i = 0; i < info->n_props && ok; i++) {
        ok = settle_prop(ctx, image, i, error);
    }
    if (ok) {
        vt_globals_apply(ctx, image);
    }
    image->image.info = info;
    image->image.data = image->data;
    image->image.entries = image->entries;
    image->image.global = image->global;
    list_pointers(ctx->schema, image);
    if (!ok) {
        vt_image_free(ctx->schema, image);
        return NULL;
    }
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
vt_config_new(VtContext *ctx, const VtClassInfo *info, GError **error)
{
    const VtImage *image = ctx->images[info->row->id];
    VtConfig *config;

    if (!image) {
        image = vt_context_image(ctx, info, error);
        if (!image) {
            return NULL;
        }
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
