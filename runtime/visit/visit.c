/* SPDX-License-Identifier: MIT */
/*
 * Public visits: each decodes a whole input.
 */
#include "vt-runtime/input.h"

#include "visit/visit-private.h"

VtConfig *
vt_input_visit_creation(VtInput *input, VtContext *ctx, const VtClassInfo *root, GError **error)
{
    VtVisit v = {.c = input, .schema = vt_context_schema(ctx), .ctx = ctx, .root = root};
    VtConfig *config = NULL;

    if (vt_cursor_begin(input, vt_visit_hides, &v)) {
        config = vt_visit_creation(&v, root, false);
        if (config && vt_cursor_end(input)) {
            return config;
        }
    }
    vt_config_free(config);
    vt_cursor_report(input, error);
    return NULL;
}

bool
vt_input_visit_members(VtInput *input, VtContext *ctx, VtConfig *config, GError **error)
{
    VtVisit v = {.c = input, .schema = vt_context_schema(ctx), .ctx = ctx};

    v.info = config->info;
    v.root = config->info->root;
    return (vt_cursor_begin(input, vt_visit_hides, &v) && vt_visit_overlay(&v, config) && vt_cursor_end(input)) ||
           vt_cursor_report(input, error);
}

bool
vt_input_visit_type(VtInput *input, const VtSchema *schema, VtContext *ctx, uint16_t type, void *data, GError **error)
{
    VtVisit v = {.c = input, .schema = schema, .ctx = ctx};
    VtTypeKind kind = vt_schema_type(schema, type)->kind;
    bool ok = vt_cursor_begin(input, vt_visit_hides, &v);

    v.sensitive = vt_schema_type(schema, type)->flags & VT_TYPE_SENSITIVE;
    g_assert(kind == VT_TYPE_STRUCT || kind == VT_TYPE_UNION || kind == VT_TYPE_ALTERNATE);
    ok = ok && (kind == VT_TYPE_STRUCT  ? vt_visit_struct(&v, type, data)
                : kind == VT_TYPE_UNION ? vt_visit_union(&v, type, data)
                                        : vt_visit_alternate(&v, type, data));
    if (ok && vt_cursor_end(input)) {
        return true;
    }
    vt_struct_clear(schema, type, data);
    return vt_cursor_report(input, error);
}

bool
vt_input_visit_value(VtInput *input, const VtSchema *schema, VtContext *ctx, const VtLayer *layer, const VtRow *row,
                     void *field, GError **error)
{
    VtVisit v = {.c = input, .schema = schema, .ctx = ctx, .sensitive = vt_row_is_sensitive(schema, layer, row)};

    if (vt_cursor_begin(input, vt_visit_hides, &v) && vt_visit_field(&v, layer, row, field) && vt_cursor_end(input)) {
        return true;
    }
    vt_field_clear(schema, layer, row, field);
    return vt_cursor_report(input, error);
}
