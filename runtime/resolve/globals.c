/* SPDX-License-Identifier: MIT */
/*
 * -global: values for all objects of a class, of its descendants, and of classes that embed it.
 */
#include <string.h>

#include "resolve/context-private.h"
#include "value/value-private.h"
#include "vt-runtime/error.h"
#include "vt-runtime/vendor-machine.h"

void
vt_global_free(VtGlobal *global)
{
    const VtProp *prop = global->prop;

    vt_field_release(global->driver->schema, prop->layer, prop->row, global->field);
    g_free(global->field);
    g_free(global);
}

/* Returns the offset of the member that @global sets, in the config of @info at offset @base; -1: none. */
static int64_t
find_target(const VtClassInfo *info, uint32_t base, const VtGlobal *global)
{
    if (vt_class_is_a(info, global->driver)) {
        const VtProp *prop = global->prop;

        /* A descendant has the members of its ancestor at the same offsets, except those of embedded children. */
        if (prop->child) {
            prop = vt_class_prop(info, prop->name, strlen(prop->name));
        }
        return prop ? (int64_t)base + prop->offset : -1;
    }
    for (size_t i = 0; i < info->n_children; i++) {
        int64_t offset = find_target(info->children[i], base + info->child_bases[i], global);

        if (offset >= 0) {
            return offset;
        }
    }
    return -1;
}

void
vt_globals_apply(const VtContext *ctx, VtImagePrivate *image)
{
    const VtClassInfo *info = &image->class->info;

    for (guint i = 0; i < ctx->globals->len; i++) {
        VtGlobal *global = ctx->globals->pdata[i];
        int64_t offset = find_target(info, 0, global);
        const VtProp *prop = offset < 0 ? NULL : vt_class_prop_at(info, (uint32_t)offset);
        unsigned bit;
        void *field;

        if (!prop) {
            continue;
        }
        /* Descendants and embedders have the same row, even if they rename the member or override its default. */
        g_assert(prop->row == global->prop->row);
        global->used = true;
        field = (char *)image->data + prop->offset;
        vt_field_clear(ctx->schema, prop->layer, prop->row, field);
        vt_field_copy(ctx->schema, prop->layer, prop->row, field, global->field);
        bit = prop->row->bit;
        vt_given_word(image->data, prop->words, bit)[prop->n_words] |= UINT64_C(1) << (bit % 64);
        image->global[vt_prop_index(info, prop)] =
            global->overlaid.axis != VT_AXIS_NONE ? VT_SET_BY_OVERLAY : VT_SET_BY_OPTION;
        image->entries[vt_prop_index(info, prop)] = NULL;
    }
}

const VtOverlaid *
vt_context_overlaid(const VtContext *ctx, const VtClassInfo *info, const VtProp *prop)
{
    for (guint i = ctx->globals->len; i-- > 0;) {
        const VtGlobal *global = ctx->globals->pdata[i];

        if (global->overlaid.axis != VT_AXIS_NONE && find_target(info, 0, global) == (int64_t)prop->offset) {
            return &global->overlaid;
        }
    }
    return NULL;
}

bool
vt_context_set_overlaid(VtContext *ctx, const char *where, const VtOverlaid *overlaid, GError **error)
{
    VtGlobal *global = ctx->globals->pdata[ctx->globals->len - 1];
    const VtTimeline *timeline = global->prop->timeline;
    bool of_platform = timeline && timeline->axis == VT_AXIS_PLATFORM;

    if (overlaid->axis == VT_AXIS_PLATFORM && !of_platform) {
        return vt_error_set(error, "%s: the default of %s.%s is not on the platform axis", where, global->driver->name,
                            global->prop->name);
    }
    if (overlaid->axis == VT_AXIS_MACHINE && of_platform) {
        return vt_error_set(error, "%s: the default of %s.%s is on the platform axis; expected a platform overlay",
                            where, global->driver->name, global->prop->name);
    }
    if (overlaid->axis == VT_AXIS_MACHINE && global->driver->row->layer == VT_CLASS_BACKEND) {
        return vt_error_set(error, "%s: '%s' is a backend, whose defaults do not depend on the machine", where,
                            global->driver->name);
    }
    global->overlaid = (VtOverlaid){overlaid->axis, vt_schema_keep_text(ctx->schema, overlaid->since),
                                    vt_schema_keep_text(ctx->schema, overlaid->why)};
    return true;
}
