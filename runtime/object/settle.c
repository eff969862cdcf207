/* SPDX-License-Identifier: MIT */
/*
 * Settles members: resolves entries that depend on a reference, then calls derivations, inputs first.  Members that the
 * user or -global sets keep their values.  Exception: a symbolic value such as 'auto' that has a derivation requests
 * that derivation.
 */
#include <string.h>

#include "settle-private.h"

static void settle_struct(VtObject *object, const VtProp *prop, uint16_t type, void *data);
static void settle_row(VtPlace *place, const VtRow *row);

/* ---- one member -------------------------------------------------------------------------------------- */

typedef struct Condition {
    const VtObject *object;
    const VtProp *prop;
} Condition;

static bool
condition_holds(const VtCondition *condition, const VtLayer *layer, const void *opaque)
{
    const Condition *c = opaque;
    const char *name = vt_str(layer, condition->member);
    const VtObject *target = vt_derivation_referenced(c->object, c->prop, name, strlen(name));

    return target && vt_object_is_a(target, vt_str(layer, condition->class_name));
}

const VtEntry *
vt_object_resolve(const VtObject *object, const VtProp *prop, uint16_t without)
{
    Condition condition = {object, prop};
    VtResolveRule rule = {.holds = condition_holds, .opaque = &condition, .without = without};

    return prop->timeline ? vt_timeline_resolve_by(object->vm->ctx, prop->default_layer, prop->timeline, &rule) : NULL;
}

bool
vt_object_condition_holds(const VtObject *object, const VtProp *prop, const VtEntry *entry)
{
    Condition condition = {object, prop};

    return !entry->condition ||
           condition_holds(&prop->default_layer->conditions[entry->condition], prop->default_layer, &condition);
}

/* Replaces the default of the image by a when-ref entry.  The result is the configured value. */
static void
apply_entry(VtObject *object, const VtProp *prop, const VtEntry *entry)
{
    const VtSchema *schema = object->vm->schema;
    void *field = vt_config_field(object->config, prop);
    bool present;

    vt_field_clear(schema, prop->layer, prop->row, field);
    present =
        entry && vt_entry_settle(schema, object->vm->ctx, prop->default_layer, entry, prop->layer, prop->row, field);
    vt_config_set_present(object->config, prop, present);
}

static bool
is_named_integer(const VtSchema *schema, const VtRow *row)
{
    const VtLayer *layer;

    if (row->kind != VT_KIND_SCALAR) {
        return row->kind == VT_KIND_ENUM;
    }
    layer = vt_schema_type_layer(schema, row->type);
    return layer->scalars[vt_schema_type(schema, row->type)->first].kind != VT_KIND_STR;
}

/* Whether the value has a name, such as 'auto', and so can request a derivation. */
static bool
is_symbolic(const VtSchema *schema, const VtRow *row, uint64_t value)
{
    const VtLayer *layer;
    const VtType *type;
    const VtName *names;
    unsigned n;

    layer = vt_schema_type_layer(schema, row->type);
    type = vt_schema_type(schema, row->type);
    if (row->kind == VT_KIND_ENUM) {
        return value < type->count && strcmp(vt_str(layer, layer->names[type->first + value].name), "auto") == 0;
    }
    names = &layer->names[layer->scalars[type->first].first_name];
    n = layer->scalars[type->first].n_names;
    for (unsigned i = 0; i < n; i++) {
        if ((uint64_t)names[i].value == value) {
            return true;
        }
    }
    return false;
}

/* The derivation that a configured symbolic value requests, or 0. */
static uint16_t
derive_of_given(const VtObject *object, const VtProp *prop, const VtLayer **ret_layer)
{
    const VtEntry *in_force;
    uint64_t value;

    if (!prop->timeline || (prop->row->flags & VT_ROW_LIST) || !is_named_integer(object->vm->schema, prop->row)) {
        return 0;
    }
    value = vt_field_get_uint(object->vm->schema, prop->layer, prop->row, vt_config_field(object->config, prop));
    if (!is_symbolic(object->vm->schema, prop->row, value)) {
        return 0;
    }
    *ret_layer = prop->default_layer;
    for (unsigned i = 0; i < prop->timeline->count; i++) {
        const VtEntry *entry = &prop->default_layer->entries[prop->timeline->first + i];

        if (entry->derive && !(entry->flags & VT_ENTRY_ABSENT) && entry->value == value) {
            return entry->derive;
        }
    }
    /* The derivation of the whole member applies to its default value. */
    *ret_layer = prop->layer;
    in_force = prop->cold->derive ? vt_object_resolve(object, prop, 0) : NULL;
    return in_force && !(in_force->flags & VT_ENTRY_ABSENT) && in_force->value == value ? prop->cold->derive : 0;
}

/* Settles the inputs of the derivation, then calls it. */
static bool
derive(VtPlace *place, const VtLayer *derive_layer, uint16_t index, const VtLayer *layer, const VtRow *row, void *field)
{
    VtInputRef refs[VT_INPUTS_MAX];
    size_t n = vt_derivation_inputs(place, derive_layer, index, refs);

    for (size_t i = 0; i < n; i++) {
        if (refs[i].settled && refs[i].row) {
            g_assert(place->layer); /* only a struct's member has rows beside it */
            settle_row(place, refs[i].row);
        } else if (refs[i].settled) {
            vt_object_settle_prop(refs[i].object, refs[i].prop);
        }
    }
    return vt_derivation_call(place, derive_layer, index, refs, n, layer, row, field);
}

static void
derive_prop(VtObject *object, const VtProp *prop, const VtLayer *derive_layer, uint16_t index)
{
    VtPlace place = {.object = object, .prop = prop};
    size_t i = vt_prop_index(&object->class->info, prop);
    bool present = derive(&place, derive_layer, index, prop->layer, prop->row, vt_config_field(object->config, prop));

    vt_late_get(object, i)->derived = true;
    vt_config_set_present(object->config, prop, present);
}

static void
settle_late(VtObject *object, const VtProp *prop)
{
    size_t index = vt_prop_index(&object->class->info, prop);
    const VtEntry *entry;
    VtLate *late;

    if (vt_object_fixed(object, prop)) {
        const VtLayer *layer = NULL;
        uint16_t given = derive_of_given(object, prop, &layer);

        if (given) {
            vt_late_get(object, index)->state = VT_LATE_BUSY;
            derive_prop(object, prop, layer, given);
        }
        return;
    }
    entry = vt_object_resolve(object, prop, 0);
    if (entry != object->config->image->entries[index]) {
        apply_entry(object, prop, entry);
    }
    late = vt_late_get(object, index); /* copies the configured value */
    late->entry = entry;
    late->state = VT_LATE_BUSY;
    if (prop->cold->derive) {
        derive_prop(object, prop, prop->layer, prop->cold->derive);
    } else if (entry && entry->derive) {
        derive_prop(object, prop, prop->default_layer, entry->derive);
    }
}

void
vt_object_settle_prop(VtObject *object, const VtProp *prop)
{
    bool nested = prop->row->kind == VT_KIND_STRUCT || prop->row->kind == VT_KIND_UNION;
    size_t index = vt_prop_index(&object->class->info, prop);
    const VtLate *late;

    nested = nested && vt_schema_type_is_late(object->vm->schema, prop->row->type);
    if (!prop->late && !nested) {
        return;
    }
    late = vt_late_find(object, index);
    if (late && late->state != VT_LATE_NEW) {
        /* qapi-gen rejects circular derivations.  But a struct may depend on its own members. */
        g_assert(late->state == VT_LATE_DONE || nested);
        return;
    }
    if (prop->late) {
        settle_late(object, prop);
    }
    if (nested && vt_config_present(object->config, prop)) {
        vt_late_get(object, index)->state = VT_LATE_BUSY;
        if (!(prop->row->flags & VT_ROW_LIST)) {
            settle_struct(object, prop, prop->row->type,
                          vt_struct_data(prop->row, vt_config_field(object->config, prop)));
        }
    }
    vt_late_get(object, index)->state = VT_LATE_DONE;
}

/* ---- nested structs ---------------------------------------------------------------------------------- */

static void
settle_row(VtPlace *place, const VtRow *row)
{
    const VtSchema *schema = place->object->vm->schema;
    unsigned index = (unsigned)(row - &place->layer->rows[place->type->first]);
    const VtCold *cold = &place->layer->colds[row->cold];
    void *field = (char *)place->data + row->offset;
    uint64_t *present = (uint64_t *)((char *)place->data + place->type->words_offset) + place->type->words;
    uint16_t by = cold->derive;
    bool has_value;

    if (place->done[index] != VT_LATE_NEW) {
        g_assert(place->done[index] == VT_LATE_DONE);
        return;
    }
    place->done[index] = VT_LATE_BUSY;
    if ((row->flags & VT_ROW_LATE) && !(row->flags & VT_ROW_IF_OFF) &&
        !vt_is_given(place->data, place->type->words_offset, row->bit)) {
        if (!by && cold->timeline) {
            const VtEntry *entry = vt_timeline_resolve_by(
                place->object->vm->ctx, place->layer, &place->layer->timelines[cold->timeline], &(VtResolveRule){0});

            by = entry ? entry->derive : 0;
        }
        if (by) {
            has_value = derive(place, place->layer, by, place->layer, row, field);
            present[row->bit / 64] &= ~(UINT64_C(1) << (row->bit % 64));
            present[row->bit / 64] |= (uint64_t)has_value << (row->bit % 64);
        }
    }
    if ((row->kind == VT_KIND_STRUCT || row->kind == VT_KIND_UNION) && vt_schema_type_is_late(schema, row->type) &&
        vt_is_present(place->data, place->type->words_offset, place->type->words, row->bit) &&
        !(row->flags & VT_ROW_LIST)) {
        settle_struct(place->object, place->prop, row->type, vt_struct_data(row, field));
    }
    place->done[index] = VT_LATE_DONE;
}

static void
settle_struct(VtObject *object, const VtProp *prop, uint16_t type, void *data)
{
    const VtSchema *schema = object->vm->schema;
    g_autofree guint8 *done = NULL;
    g_autofree void *before = NULL;
    VtPlace place = {.object = object, .prop = prop};
    VtRow whole = {.type = type, .kind = VT_KIND_STRUCT};

    if (!data) {
        return;
    }
    place.layer = vt_schema_type_layer(schema, type);
    place.type = vt_schema_type(schema, type);
    place.data = data;
    whole.kind = place.type->kind == VT_TYPE_UNION ? VT_KIND_UNION : VT_KIND_STRUCT;
    place.before = before = g_memdup2(data, place.type->size);
    vt_field_copy(schema, place.layer, &whole, before, data);
    place.done = done = g_new0(guint8, place.type->count + 1);
    for (unsigned i = 0; i < place.type->count; i++) {
        settle_row(&place, &place.layer->rows[place.type->first + i]);
    }
    vt_struct_clear(schema, type, before);
}

void
vt_object_settle(VtObject *object)
{
    for (size_t i = 0; i < object->class->n_late; i++) {
        vt_object_settle_prop(object, &object->class->info.props[object->class->late[i]]);
    }
}
