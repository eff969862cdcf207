/* SPDX-License-Identifier: MIT */
/*
 * The index of a class: its own, inherited, mixed-in and embedded members in one array, with the defaults of this
 * class, and a hash table by name.
 */
#include <string.h>

#include "schema/row-private.h"
#include "schema/schema-private.h"

/* Returns the name of a child's member in its embedder, or NULL if the embedder hides it. */
static const char *
shared_name(const VtLayer *layer, const VtSegment *segment, const char *name)
{
    if (segment->flags & 1) {
        return NULL;
    }
    if (!segment->n_renames) {
        return name;
    }
    for (unsigned i = 0; i < segment->n_renames; i++) {
        const VtRename *rename = &layer->renames[segment->rename + i];

        if (strcmp(vt_str(layer, rename->child), name) == 0) {
            return vt_str(layer, rename->own);
        }
    }
    return NULL;
}

static void
add_segment(VtClassInfo *info, const VtSegment *segment)
{
    const VtSchema *schema = info->schema;
    const VtLayer *layer = vt_schema_type_layer(schema, segment->type);
    const VtType *type = vt_schema_type(schema, segment->type);
    const VtClassInfo *owner = info;
    uint16_t member = 0;

    if (segment->owner && segment->owner != info->row->id) {
        owner = vt_schema_class_by_id(schema, segment->owner);
    }
    for (unsigned i = 0; i < type->count; i++) {
        const VtRow *row = &layer->rows[type->first + i];
        const VtCold *cold = &layer->colds[row->cold];
        const char *name = vt_str(layer, row->name);
        const char *shown = shared_name(info->layer, segment, name);
        bool alias = cold->features & VT_FEATURE_ALIAS;

        /* Aliases follow their member. */
        member = alias ? member : (uint16_t)(info->n_props + 1);
        info->props[info->n_props++] = (VtProp){
            .name = shown ? shown : name,
            .layer = layer,
            .row = row,
            .cold = cold,
            .default_layer = layer,
            .timeline = cold->timeline ? &layer->timelines[cold->timeline] : NULL,
            .owner = owner,
            .offset = segment->base + row->offset,
            .words = segment->base + type->words_offset,
            .n_words = type->words,
            .child = segment->child,
            .alias_of = alias ? member : 0,
            .late = row->flags & VT_ROW_LATE,
            .hidden = !shown,
        };
    }
}

static void
set_default(VtProp *prop, const VtLayer *layer, const VtTimeline *timeline)
{
    prop->default_layer = layer;
    prop->timeline = timeline;
    prop->late = (timeline && (timeline->flags & VT_ROW_LATE)) || prop->cold->derive;
}

/* Copies the defaults of the members of @from, whose config is at offset @base. @at: by offset, prop index + 1. */
static void
take_defaults(VtClassInfo *info, const VtClassInfo *from, uint32_t base, const uint16_t *at)
{
    for (size_t i = 0; i < from->n_props; i++) {
        const VtProp *theirs = &from->props[i];
        uint16_t index = at[base + theirs->offset];

        if (index && info->props[index - 1].row == theirs->row) {
            VtProp *ours = &info->props[index - 1];

            ours->default_layer = theirs->default_layer;
            ours->timeline = theirs->timeline;
            ours->late = theirs->late;
        }
    }
}

static void
apply_overrides(VtClassInfo *info, const size_t *starts)
{
    const VtLayer *layer = info->layer;
    g_autofree uint16_t *at = g_new0(uint16_t, info->row->config_size + 1);

    for (size_t i = 0; i < info->n_props; i++) {
        if (!info->props[i].alias_of) {
            at[info->props[i].offset] = (uint16_t)(i + 1);
        }
    }
    for (size_t i = 0; i < info->n_children; i++) {
        take_defaults(info, info->children[i], info->child_bases[i], at);
    }
    if (info->parent) {
        take_defaults(info, info->parent, 0, at);
    }
    for (unsigned i = 0; i < info->row->n_overrides; i++) {
        const VtOverride *override = &layer->overrides[info->row->first_override + i];
        VtProp *prop = &info->props[starts[override->segment] + override->row];

        set_default(prop, layer, override->timeline ? &layer->timelines[override->timeline] : NULL);
    }
    for (size_t i = 0; i < info->n_props; i++) {
        VtProp *prop = &info->props[i];

        if (prop->alias_of) {
            const VtProp *member = vt_prop_member(info, prop);

            prop->default_layer = member->default_layer;
            prop->timeline = member->timeline;
            prop->late = member->late;
        }
    }
}

static void
build_props(VtClassInfo *info)
{
    const VtSegment *segments = &info->layer->segments[info->row->first_segment];
    g_autofree size_t *starts = g_new0(size_t, info->row->n_segments + 1);
    size_t n = 0;

    for (unsigned i = 0; i < info->row->n_segments; i++) {
        n += segments[i].type ? vt_schema_type(info->schema, segments[i].type)->count : 0;
    }
    info->props = g_new0(VtProp, n + 1);
    for (unsigned i = 0; i < info->row->n_segments; i++) {
        starts[i] = info->n_props;
        if (segments[i].type) {
            add_segment(info, &segments[i]);
        }
    }
    apply_overrides(info, starts);
}

static void
build_children(VtClassInfo *info)
{
    const VtChild *children = info->row->n_children ? &info->layer->children[info->row->first_child] : NULL;

    info->n_children = info->row->n_children;
    info->children = g_new0(const VtClassInfo *, info->n_children + 1);
    info->child_names = g_new0(const char *, info->n_children + 1);
    info->child_bases = g_new0(uint32_t, info->n_children + 1);
    for (size_t i = 0; i < info->n_children; i++) {
        info->children[i] = vt_schema_class_by_id(info->schema, children[i].class_id);
        info->child_names[i] = vt_str(info->layer, children[i].name);
        info->child_bases[i] = children[i].base;
    }
}

static void
build_buses(VtClassInfo *info)
{
    const VtLayer *layer = info->layer;

    info->n_buses = info->row->n_buses;
    info->buses = g_new0(VtBusInfo, info->n_buses + 1);
    for (size_t i = 0; i < info->n_buses; i++) {
        const VtBusRow *row = &layer->buses[info->row->first_bus + i];
        VtBusInfo *bus = &info->buses[i];

        bus->type = vt_str(layer, row->type);
        bus->name = vt_str(layer, row->name);
        bus->layer = layer;
        bus->row = row;
    }
}

static void
build_index(VtClassInfo *info)
{
    uint32_t slots = 8;

    while (slots < info->n_props * 2) {
        slots *= 2;
    }
    info->index_mask = slots - 1;
    info->index = g_new0(uint16_t, slots);
    for (size_t i = 0; i < info->n_props; i++) {
        const VtProp *prop = &info->props[i];
        uint32_t slot = vt_name_hash(prop->name, strlen(prop->name)) & info->index_mask;

        if (prop->hidden || (prop->row->flags & VT_ROW_IF_OFF)) {
            continue;
        }
        while (info->index[slot]) {
            slot = (slot + 1) & info->index_mask;
        }
        info->index[slot] = (uint16_t)(i + 1);
    }
}

static void
build_ops(VtClassPrivate *class)
{
    size_t depth = 0, n = 0, size = 0;

    for (const VtClassInfo *c = &class->info; c; c = c->parent) {
        depth++;
    }
    class->ops = g_new0(const VtOps *, depth);
    class->state_offsets = g_new0(uint32_t, depth);
    for (const VtClassInfo *c = &class->info; c; c = c->parent) {
        if (vt_class_ops(c)) {
            class->ops[n++] = vt_class_ops(c);
        }
    }
    class->n_ops = n;
    for (size_t i = 0; i < n / 2; i++) {
        const VtOps *ops = class->ops[i];

        class->ops[i] = class->ops[n - 1 - i];
        class->ops[n - 1 - i] = ops;
    }
    for (size_t i = 0; i < n; i++) {
        class->state_offsets[i] = (uint32_t)size;
        size += (class->ops[i]->state_size + 15) & ~(size_t)15;
    }
    class->state_size = size;
}

bool
vt_timeline_has_needs(const VtLayer *layer, const VtTimeline *timeline)
{
    for (unsigned i = 0; i < timeline->count; i++) {
        if (layer->entries[timeline->first + i].needs) {
            return true;
        }
    }
    return false;
}

/* Lists the members that late settlement, checks of features and vt_config_free() must visit. */
static void
build_lists(VtClassPrivate *class)
{
    const VtClassInfo *info = &class->info;

    class->late = g_new0(uint16_t, info->n_props + 1);
    class->gated = g_new0(uint16_t, info->n_props + 1);
    class->owners = g_new0(uint16_t, info->n_props + 1);
    class->required = g_new0(uint16_t, info->n_props + 1);
    class->ruled = g_new0(uint16_t, info->n_props + 1);
    for (size_t i = 0; i < info->n_props; i++) {
        const VtProp *prop = &info->props[i];
        bool nested = prop->row->kind == VT_KIND_STRUCT || prop->row->kind == VT_KIND_UNION;

        if ((prop->row->flags & VT_ROW_IF_OFF) || prop->alias_of) {
            continue;
        }
        if (vt_row_owns(info->schema, prop->row)) {
            class->owners[class->n_owners++] = (uint16_t)i;
        }
        if (prop->row->flags & VT_ROW_REQUIRED && !prop->hidden) {
            class->required[class->n_required++] = (uint16_t)i;
        }
        if (prop->late || (nested && vt_schema_type_is_late(info->schema, prop->row->type))) {
            class->late[class->n_late++] = (uint16_t)i;
        }
        if (prop->cold->gate || (prop->timeline && vt_timeline_has_needs(prop->default_layer, prop->timeline))) {
            class->gated[class->n_gated++] = (uint16_t)i;
        }
        if (prop->cold->features & VT_FEATURES_RULES) {
            class->ruled[class->n_ruled++] = (uint16_t)i;
        }
        class->reads_files |= (prop->cold->features & VT_FEATURE_READS_FILE) != 0;
        if (prop->row->kind == VT_KIND_REF) {
            const VtRefRow *ref = &prop->layer->refs[prop->cold->ref];

            class->has_refs = true;
            if ((ref->flags & VT_REF_BUS) && !prop->child && !class->bus_prop) {
                class->bus_prop = prop;
            }
        } else if (nested || prop->row->kind == VT_KIND_ALTERNATE) {
            class->has_refs = true;
        }
    }
    for (const VtClassInfo *c = info; c; c = c->parent) {
        class->has_rules |=
            c->row->n_rules || c->row->needs_machines || c->row->needs_accels || (c->row->flags & VT_CLASS_AT_MOST_ONE);
    }
    for (const VtClassInfo *c = info; c && !class->plugs_into; c = c->parent) {
        if (c->row->plugs_into) {
            class->plugs_into = vt_str(c->layer, c->row->plugs_into);
        }
    }
}

static VtClassInfo *
class_info_new(const VtSchema *schema, const VtLayer *layer, const VtClass *row)
{
    VtClassPrivate *class = g_new0(VtClassPrivate, 1);
    VtClassInfo *info = &class->info;

    info->schema = schema;
    info->layer = layer;
    info->row = row;
    info->name = vt_class_row_name(schema, layer, row, schema->lazy->target);
    schema->lazy->has_suffixed |= (row->flags & VT_CLASS_SUFFIXED) != 0;
    info->tag = row->tag ? vt_str(layer, row->tag) : info->name;
    info->kind = vt_str(layer, row->kind);
    info->parent = row->parent ? vt_schema_class_by_id(schema, row->parent) : NULL;
    info->root = info->parent ? info->parent->root : info;
    if (!row->kind && info->parent) {
        info->kind = info->parent->kind;
    }
    for (uint32_t i = 0; i < layer->n_machines && !info->machine; i++) {
        if (layer->machines[i].class_id == row->id) {
            info->machine = &layer->machines[i];
        }
    }
    build_children(info);
    build_props(info);
    build_buses(info);
    build_index(info);
    build_ops(class);
    build_lists(class);
    return info;
}

const VtClass *
vt_schema_class_row(const VtSchema *schema, uint16_t id, const VtLayer **ret_layer)
{
    for (size_t l = 0; l < schema->n_layers; l++) {
        const VtLayer *layer = schema->layers[l];

        if (id >= layer->first_class && id - layer->first_class < layer->n_classes) {
            *ret_layer = layer;
            return &layer->classes[id - layer->first_class];
        }
    }
    g_assert_not_reached();
}

const VtClassInfo *
vt_schema_class_by_id(const VtSchema *schema, uint16_t id)
{
    VtClassInfo *info = schema->infos[id];

    if (!info) {
        const VtLayer *layer;
        const VtClass *row = vt_schema_class_row(schema, id, &layer);

        info = class_info_new(schema, layer, row);
        schema->infos[id] = info;
    }
    return info;
}

void
vt_class_info_free(VtClassInfo *info)
{
    VtClassPrivate *class = (VtClassPrivate *)info;

    if (!info) {
        return;
    }
    g_free(info->props);
    g_free(info->children);
    g_free(info->child_names);
    g_free(info->child_bases);
    g_free(info->buses);
    g_free(info->index);
    g_free(class->ops);
    g_free(class->state_offsets);
    g_free(class->late);
    g_free(class->gated);
    g_free(class->owners);
    g_free(class->required);
    g_free(class->ruled);
    g_free(class);
}

bool
vt_class_is_a(const VtClassInfo *info, const VtClassInfo *ancestor)
{
    for (; info; info = info->parent) {
        if (info == ancestor) {
            return true;
        }
    }
    return false;
}

bool
vt_class_is_abstract(const VtClassInfo *info)
{
    return info->row->flags & VT_CLASS_ABSTRACT;
}

bool
vt_class_is_machine(const VtClassInfo *info)
{
    return info->row->layer == VT_CLASS_MACHINE && strcmp(info->kind, "machine") == 0;
}

const VtProp *
vt_class_prop(const VtClassInfo *info, const char *name, size_t len)
{
    uint32_t slot = vt_name_hash(name, len) & info->index_mask;

    for (; info->index[slot]; slot = (slot + 1) & info->index_mask) {
        const VtProp *prop = &info->props[info->index[slot] - 1];

        if (strncmp(prop->name, name, len) == 0 && !prop->name[len]) {
            return vt_prop_member(info, prop);
        }
    }
    return NULL;
}

const VtProp *
vt_class_prop_at(const VtClassInfo *info, uint32_t offset)
{
    for (size_t i = 0; i < info->n_props; i++) {
        if (info->props[i].offset == offset && !info->props[i].alias_of) {
            return &info->props[i];
        }
    }
    return NULL;
}

const VtOps *
vt_class_ops(const VtClassInfo *info)
{
    return info->layer->ops ? info->layer->ops[info->row->id - info->layer->first_class] : NULL;
}
