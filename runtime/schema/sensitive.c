/* SPDX-License-Identifier: MIT */
/*
 * Where sensitive values are possible, by flags from qapi-gen.
 */
#include "schema/schema-private.h"

bool
vt_class_root_is_sensitive(const VtClassInfo *root)
{
    const VtSchema *schema = root->schema;

    for (size_t l = 0; l < schema->n_layers; l++) {
        const VtLayer *layer = schema->layers[l];

        for (uint32_t i = 0; i < layer->n_classes; i++) {
            if (layer->classes[i].root == root->row->id && layer->classes[i].flags & VT_CLASS_SENSITIVE) {
                return true;
            }
        }
    }
    return false;
}

/* A value of kind 'any', or an inline definition, may contain a sensitive value. */
bool
vt_row_is_sensitive(const VtSchema *schema, const VtLayer *layer, const VtRow *row)
{
    const VtCold *cold = &layer->colds[row->cold];
    const VtClassInfo *target = NULL;

    if (cold->features & VT_FEATURE_SENSITIVE || row->kind == VT_KIND_ANY) {
        return true;
    }
    if (cold->ref && layer->refs[cold->ref].flags & VT_REF_INLINE) {
        target = vt_schema_class(schema, vt_str(layer, layer->refs[cold->ref].target));
        return target && vt_class_root_is_sensitive(target->root);
    }
    return row->type && row->kind != VT_KIND_REF && vt_schema_type(schema, row->type)->flags & VT_TYPE_SENSITIVE;
}
