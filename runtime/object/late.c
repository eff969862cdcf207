/* SPDX-License-Identifier: MIT */
/*
 * Settled values of each object, with copies of the configured values.
 */
#include <string.h>

#include "object/object-private.h"
#include "value/value-private.h"

static void *
copy_field(const VtObject *object, const VtProp *prop, VtLate *late)
{
    size_t size = vt_field_size(object->vm->schema, prop->layer, prop->row);

    return size <= sizeof(late->copy.words) ? late->copy.words : late->copy.pointer;
}

static void
free_copy(VtObject *object, VtLate *late)
{
    const VtProp *prop = &object->class->info.props[late->prop];
    void *field = copy_field(object, prop, late);

    if (!late->has_copy) {
        return;
    }
    vt_field_clear(object->vm->schema, prop->layer, prop->row, field);
    if (field != late->copy.words) {
        g_free(field);
    }
    late->has_copy = false;
}

static void
make_copy(VtObject *object, const VtProp *prop, VtLate *late)
{
    const VtSchema *schema = object->vm->schema;
    size_t size = vt_field_size(schema, prop->layer, prop->row);
    const void *source = (const char *)object->data + prop->offset;
    void *field;

    if (size > sizeof(late->copy.words)) {
        late->copy.pointer = g_malloc0(size);
    }
    field = copy_field(object, prop, late);
    memcpy(field, source, size);
    if (vt_field_owns(schema, prop->layer, prop->row, source)) {
        vt_field_copy(schema, prop->layer, prop->row, field, source);
    }
    late->has_copy = true;
    late->was_present = vt_config_present(object->config, prop);
}

/* Returns the element of VtObject.late at @place, from 1; NULL: not in use. */
static VtLate *
used_at(GArray *late, guint place)
{
    VtLate *found = late && place && place <= late->len ? &g_array_index(late, VtLate, place - 1) : NULL;

    return found && found->used ? found : NULL;
}

const VtLate *
vt_late_find(const VtObject *object, size_t index)
{
    return object->late ? used_at(object->late, object->memory->late_places[index]) : NULL;
}

VtLate *
vt_late_get(VtObject *object, size_t index)
{
    VtClassMemory *memory = object->memory;
    VtLate *late;

    if (!memory->late_places) {
        memory->late_places = g_new0(uint16_t, object->class->info.n_props);
    }
    if (!memory->late_places[index]) {
        memory->late_places[index] = ++memory->n_late_places;
    }
    late = used_at(object->late, memory->late_places[index]);
    if (late) {
        return late;
    }
    if (!object->late) {
        object->late = g_array_new(FALSE, TRUE, sizeof(VtLate));
    }
    if (object->late->len < memory->n_late_places) {
        g_array_set_size(object->late, memory->n_late_places);
    }
    late = &g_array_index(object->late, VtLate, memory->late_places[index] - 1);
    *late = (VtLate){.used = true, .prop = (uint16_t)index, .entry = object->config->image->entries[index]};
    make_copy(object, &object->class->info.props[index], late);
    return late;
}

void
vt_late_forget(VtObject *object, size_t index)
{
    VtLate *late = object->late ? used_at(object->late, object->memory->late_places[index]) : NULL;

    if (late) {
        free_copy(object, late);
        late->derived = false;
    }
}

void
vt_late_clear(VtObject *object)
{
    for (guint i = 0; object->late && i < object->late->len; i++) {
        free_copy(object, &g_array_index(object->late, VtLate, i));
    }
    g_clear_pointer(&object->late, g_array_unref);
}

void
vt_late_reset(VtObject *object)
{
    const VtSchema *schema = object->vm->schema;

    for (guint i = 0; object->late && i < object->late->len; i++) {
        VtLate *late = &g_array_index(object->late, VtLate, i);
        const VtProp *prop = &object->class->info.props[late->prop];
        void *field = (char *)object->data + prop->offset;
        void *copy = copy_field(object, prop, late);

        if (late->has_copy) {
            vt_field_clear(schema, prop->layer, prop->row, field);
            memcpy(field, copy, vt_field_size(schema, prop->layer, prop->row));
            vt_config_set_present(object->config, prop, late->was_present);
            late->has_copy = false;
            if (copy != late->copy.words) {
                g_free(copy);
            }
        }
    }
    g_clear_pointer(&object->late, g_array_unref);
}

const void *
vt_late_configured(const VtObject *object, size_t index, bool *ret_present)
{
    const VtProp *prop = &object->class->info.props[index];
    const VtLate *late = vt_late_find(object, index);

    if (late && late->has_copy) {
        size_t size = vt_field_size(object->vm->schema, prop->layer, prop->row);

        *ret_present = late->was_present;
        return size <= sizeof(late->copy.words) ? late->copy.words : late->copy.pointer;
    }
    *ret_present = vt_config_present(object->config, prop);
    return (const char *)object->data + prop->offset;
}

bool
vt_object_fixed(const VtObject *object, const VtProp *prop)
{
    return vt_config_given(object->config, prop) ||
           object->config->image->global[vt_prop_index(object->config->info, prop)];
}

/* Prepares the member for a derived value.  NULL: the user or -global sets it, and the value is not @forced. */
static const VtProp *
begin_settle(VtObject *object, const char *member, bool forced)
{
    VtObject *top = vt_object_top(object);
    const VtProp *prop = vt_class_prop(&object->class->info, member, strlen(member));
    VtLate *late;

    g_assert(prop);
    prop = vt_object_map_prop(object, prop);
    if (!forced && vt_object_fixed(top, prop)) {
        return NULL;
    }
    late = vt_late_get(top, vt_prop_index(&top->class->info, prop));
    late->state = VT_LATE_DONE;
    late->derived = true;
    return prop;
}

static bool
settle_uint(VtObject *object, const char *member, uint64_t value, bool forced)
{
    const VtProp *prop = begin_settle(object, member, forced);

    if (!prop) {
        return false;
    }
    vt_field_set_uint(object->vm->schema, prop->layer, prop->row, vt_config_field(object->config, prop), value);
    vt_config_set_present(object->config, prop, true);
    return true;
}

bool
vt_object_settle_uint(VtObject *object, const char *member, uint64_t value)
{
    return settle_uint(object, member, value, false);
}

void
vt_object_force_uint(VtObject *object, const char *member, uint64_t value)
{
    settle_uint(object, member, value, true);
}

bool
vt_object_settle_str(VtObject *object, const char *member, const char *value)
{
    const VtProp *prop = begin_settle(object, member, false);
    void *field;

    if (!prop) {
        return false;
    }
    field = vt_config_field(object->config, prop);
    vt_field_clear(object->vm->schema, prop->layer, prop->row, field);
    if (prop->row->kind == VT_KIND_REF) {
        ((VtRef *)field)->id = g_strdup(value);
    } else {
        *(char **)field = g_strdup(value);
    }
    vt_config_set_present(object->config, prop, value != NULL);
    return true;
}
