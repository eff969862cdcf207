/* SPDX-License-Identifier: MIT */
/*
 * The strings of a config or struct, at any depth.
 */
#include "value/value-private.h"

typedef struct Texts {
    const VtSchema *schema;
    VtTextFunc func;
    void *opaque;
} Texts;

static void each_in_field(const Texts *texts, const VtLayer *layer, const VtRow *row, const void *field);

/* Whether a value is a string: also of a scalar with a codec. */
static bool
is_text(const Texts *texts, const VtRow *row)
{
    return row->kind == VT_KIND_STR ||
           (row->kind == VT_KIND_SCALAR && vt_row_integer_kind(texts->schema, row) == VT_KIND_STR);
}

/* Whether a value is the number of a descriptor. */
static bool
is_descriptor(const VtLayer *layer, const VtRow *row)
{
    return row->kind == VT_KIND_INT32 && vt_row_features(layer, row) & VT_FEATURE_DESCRIPTOR;
}

static bool
may_have_text(const Texts *texts, const VtLayer *layer, const VtRow *row)
{
    return is_text(texts, row) || row->kind >= VT_KIND_STRUCT || is_descriptor(layer, row);
}

static void
each_in_type(const Texts *texts, uint16_t type_id, const char *data)
{
    const VtLayer *layer = vt_schema_type_layer(texts->schema, type_id);
    const VtType *type = vt_schema_type(texts->schema, type_id);

    for (unsigned i = 0; i < type->count; i++) {
        const VtRow *row = &layer->rows[type->first + i];

        if (may_have_text(texts, layer, row)) {
            each_in_field(texts, layer, row, data + row->offset);
        }
    }
    if (type->kind == VT_TYPE_UNION) {
        uint16_t branch = vt_union_branch(layer, type, data);

        if (branch) {
            each_in_type(texts, branch, data + type->union_offset);
        }
    }
}

/* A text is of the member: its branch has no features. */
static void
each_in_alternate(const Texts *texts, const VtLayer *layer, const VtRow *row, const char *data)
{
    const VtLayer *types = vt_schema_type_layer(texts->schema, row->type);
    const VtType *type = vt_schema_type(texts->schema, row->type);
    uint32_t index = *(const uint32_t *)data;
    const VtRow *branch;

    if (index >= type->count) {
        return;
    }
    branch = &types->rows[type->first + index];
    if (is_text(texts, branch) && !(branch->flags & VT_ROW_LIST)) {
        const char *text = *(char *const *)(data + type->union_offset);

        if (text) {
            texts->func(layer, row, text, texts->opaque);
        }
    } else {
        each_in_field(texts, types, branch, data + type->union_offset);
    }
}

static void
each_in_one(const Texts *texts, const VtLayer *layer, const VtRow *row, const void *field)
{
    if (is_text(texts, row) && *(char *const *)field) {
        texts->func(layer, row, *(char *const *)field, texts->opaque);
    }
    if (is_descriptor(layer, row)) {
        g_autofree char *number = g_strdup_printf("%d", *(const int *)field);

        texts->func(layer, row, number, texts->opaque);
    }
    if (row->kind == VT_KIND_ALTERNATE) {
        each_in_alternate(texts, layer, row, field);
    } else if (row->kind == VT_KIND_STRUCT || row->kind == VT_KIND_UNION) {
        each_in_type(texts, row->type, field);
    }
}

static void
each_in_field(const Texts *texts, const VtLayer *layer, const VtRow *row, const void *field)
{
    if (row->flags & VT_ROW_LIST) {
        const VtList *list = field;
        size_t size = vt_row_size(texts->schema, layer, row);

        for (size_t i = 0; i < list->n; i++) {
            each_in_one(texts, layer, row, (const char *)list->v + i * size);
        }
    } else if (!(row->flags & VT_ROW_BOXED)) {
        each_in_one(texts, layer, row, field);
    } else if (*(const void *const *)field) {
        each_in_one(texts, layer, row, *(const void *const *)field);
    }
}

void
vt_config_each_text(const VtConfig *config, VtTextFunc func, void *opaque)
{
    const Texts texts = {config->info->schema, func, opaque};

    for (size_t i = 0; i < config->info->n_props; i++) {
        const VtProp *prop = &config->info->props[i];

        if (may_have_text(&texts, prop->layer, prop->row) && vt_config_present(config, prop)) {
            each_in_field(&texts, prop->layer, prop->row, vt_config_field(config, prop));
        }
    }
}

void
vt_field_each_text(const VtSchema *schema, const VtLayer *layer, const VtRow *row, const void *field, VtTextFunc func,
                   void *opaque)
{
    const Texts texts = {schema, func, opaque};

    if (may_have_text(&texts, layer, row)) {
        each_in_field(&texts, layer, row, field);
    }
}

void
vt_struct_each_text(const VtSchema *schema, uint16_t type, const void *data, VtTextFunc func, void *opaque)
{
    each_in_type(&(Texts){schema, func, opaque}, type, data);
}
