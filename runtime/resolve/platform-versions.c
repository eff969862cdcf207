/* SPDX-License-Identifier: MIT */
/*
 * The description of platform versions: the features that each adds, and the defaults that change with it.
 *
 * Reads the rows of the tables alone: a class that no object uses gets no index.
 */
#include <json-c/json.h>

#include "resolve/context-private.h"
#include "schema/row-private.h"
#include "vt-runtime/json.h"

static json_object *
features_of(const VtSchema *schema, uint16_t version)
{
    const VtLayer *lowest = vt_schema_lowest(schema);
    json_object *list = json_object_new_array();

    for (uint32_t i = 1; i < lowest->n_features; i++) {
        if (lowest->features[i].since == version) {
            json_object *row = json_object_new_object();

            vt_json_add_text(row, "name", vt_str(lowest, lowest->features[i].name));
            vt_json_add_text(row, "what", vt_text(lowest->texts, lowest->features[i].doc));
            json_object_array_add(list, row);
        }
    }
    return list;
}

/* Adds a change to @version, unless its last one is of the same entry, which has these @needs: it may need two features
 * of the version. */
static void
add_change(json_object *versions, uint16_t version, const char *type, const char *property, json_object *needs,
           const char *why)
{
    json_object *changes = json_object_object_get(json_object_array_get_idx(versions, version - 1u), "changes");
    size_t n = json_object_array_length(changes);
    json_object *row;

    if (n && json_object_object_get(json_object_array_get_idx(changes, n - 1), "needs") == needs) {
        return;
    }
    row = json_object_new_object();
    vt_json_add_text(row, "type", type);
    vt_json_add_text(row, "property", property);
    json_object_object_add(row, "needs", json_object_get(needs));
    vt_json_add_text(row, "why", why);
    json_object_array_add(changes, row);
}

/* Adds the entries of @timeline, of @layer, that apply since a platform version or need one of its features. */
static void
add_timeline(json_object *versions, const VtSchema *schema, const VtLayer *layer, uint32_t number, const char *type,
             const char *property)
{
    const VtLayer *lowest = vt_schema_lowest(schema);
    const VtTimeline *timeline = &layer->timelines[number];

    for (unsigned i = 0; number && i < timeline->count; i++) {
        const VtEntry *entry = &layer->entries[timeline->first + i];
        const char *why = vt_text(layer->texts, entry->why);
        json_object *needs = json_object_new_array();

        for (const uint16_t *need = &layer->needs[entry->needs]; entry->needs && *need; need++) {
            json_object_array_add(needs, json_object_new_string(vt_str(lowest, lowest->features[*need].name)));
        }
        if (timeline->axis == VT_AXIS_PLATFORM && entry->since) {
            add_change(versions, entry->since, type, property, needs, why);
        }
        for (const uint16_t *need = &layer->needs[entry->needs]; entry->needs && *need; need++) {
            add_change(versions, lowest->features[*need].since, type, property, needs, why);
        }
        json_object_put(needs);
    }
}

static const VtRow *
segment_row(const VtSchema *schema, const VtSegment *segment, unsigned index, const VtLayer **ret_layer)
{
    *ret_layer = vt_schema_type_layer(schema, segment->type);
    return &(*ret_layer)->rows[vt_schema_type(schema, segment->type)->first + index];
}

static bool
is_overridden(const VtLayer *layer, const VtClass *class, unsigned segment, unsigned row)
{
    for (unsigned i = 0; i < class->n_overrides; i++) {
        const VtOverride *override = &layer->overrides[class->first_override + i];

        if (override->segment == segment && override->row == row) {
            return true;
        }
    }
    return false;
}

/* The members that the class or a mixin of it defines. */
static void
add_members(json_object *versions, const VtSchema *schema, const VtLayer *layer, const VtClass *class)
{
    const char *type = vt_str(layer, class->name);

    for (unsigned s = 0; s < class->n_segments; s++) {
        const VtSegment *segment = &layer->segments[class->first_segment + s];
        bool own = !segment->owner || segment->owner == class->id;
        unsigned n = own && segment->type ? vt_schema_type(schema, segment->type)->count : 0;

        for (unsigned i = 0; i < n; i++) {
            const VtLayer *rows;
            const VtRow *row = segment_row(schema, segment, i, &rows);
            const VtCold *cold = &rows->colds[row->cold];

            if (!(cold->features & VT_FEATURE_ALIAS) && !is_overridden(layer, class, s, i)) {
                add_timeline(versions, schema, rows, cold->timeline, type, vt_str(rows, row->name));
            }
        }
    }
}

static void
add_overrides(json_object *versions, const VtSchema *schema, const VtLayer *layer, const VtClass *class)
{
    for (unsigned i = 0; i < class->n_overrides; i++) {
        const VtOverride *override = &layer->overrides[class->first_override + i];
        const VtLayer *rows;
        const VtRow *row =
            segment_row(schema, &layer->segments[class->first_segment + override->segment], override->row, &rows);

        add_timeline(versions, schema, layer, override->timeline, vt_str(layer, class->name), vt_str(rows, row->name));
    }
}

json_object *
vt_platform_versions(const VtSchema *schema)
{
    json_object *versions = json_object_new_array();
    uint16_t n = vt_schema_n_versions(schema, VT_AXIS_PLATFORM);
    const VtLayer *layer;
    const VtClass *class;

    for (unsigned version = 1; version <= n; version++) {
        bool open = version == vt_schema_open_version(schema, VT_AXIS_PLATFORM);
        json_object *row = json_object_new_object();

        vt_json_add_text(row, "version", vt_schema_version_name(schema, VT_AXIS_PLATFORM, (uint16_t)version));
        vt_json_add_text(row, "state", open ? "open" : "closed");
        json_object_object_add(row, "features", features_of(schema, (uint16_t)version));
        json_object_object_add(row, "changes", json_object_new_array());
        json_object_array_add(versions, row);
    }
    for (class = vt_schema_class_from(schema, 0, &layer); class;
         class = vt_schema_class_from(schema, class->id + 1, &layer)) {
        add_members(versions, schema, layer, class);
        add_overrides(versions, schema, layer, class);
    }
    return versions;
}
