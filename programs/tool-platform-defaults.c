/* SPDX-License-Identifier: MIT */
#include "tool-platform.h"

/* Adds the features that entries of @prop require. */
static void
add_features(bool *features, const VtProp *prop)
{
    for (unsigned i = 0; prop->timeline && i < prop->timeline->count; i++) {
        const VtEntry *entry = &prop->default_layer->entries[prop->timeline->first + i];

        for (const uint16_t *need = &prop->default_layer->needs[entry->needs]; entry->needs && *need; need++) {
            features[*need] = true;
        }
    }
}

bool *
tool_platform_default_features(const VtSchema *schema)
{
    bool *features = g_new0(bool, vt_schema_lowest(schema)->n_features);

    for (const VtClassInfo *const *info = vt_schema_classes(schema); *info; info++) {
        for (size_t i = 0; i < (*info)->n_props; i++) {
            add_features(features, &(*info)->props[i]);
        }
    }
    return features;
}
