/* SPDX-License-Identifier: MIT */
/*
 * Images: the config of a class with all constant defaults set. Each context creates an image once and copies it for
 * each object.
 */
#include <string.h>

#include "resolve/context-private.h"
#include "value/value-private.h"

static void
settle_prop(VtContext *ctx, VtImagePrivate *image, size_t index)
{
    const VtProp *prop = &image->class->info.props[index];
    const VtEntry *entry;

    if (prop->alias_of) {
        image->entries[index] = image->entries[prop->alias_of - 1];
        return;
    }
    if (!prop->timeline || (prop->row->flags & VT_ROW_IF_OFF)) {
        return;
    }
    entry = vt_timeline_resolve_by(ctx, prop->default_layer, prop->timeline, &(VtResolveRule){0});
    image->entries[index] = entry;
    if (entry && vt_entry_settle(ctx->schema, ctx, prop->default_layer, entry, prop->layer, prop->row,
                                 (char *)image->data + prop->offset)) {
        vt_given_word(image->data, prop->words, prop->row->bit)[prop->n_words] |= UINT64_C(1) << (prop->row->bit % 64);
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
        return &ctx->images[info->row->id]->image;
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
    ctx->images[info->row->id] = image;
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
    return vt_config_new_at(ctx, info, NULL, 0);
}

VtConfig *
vt_config_new_at(VtContext *ctx, const VtClassInfo *info, const char *where, size_t len)
{
    const VtImage *image = vt_context_image(ctx, info);
    VtConfig *config = vt_config_alloc(info, where, len);

    config->image = image;
    memcpy(config->data, image->data, info->row->config_size);
    for (size_t i = 0; i < image->n_pointers; i++) {
        const VtProp *prop = &info->props[image->pointers[i]];

        vt_field_copy(ctx->schema, prop->layer, prop->row, (char *)config->data + prop->offset,
                      (const char *)image->data + prop->offset);
    }
    return config;
}
