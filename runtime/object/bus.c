/* SPDX-License-Identifier: MIT */
/*
 * Buses: which buses an object provides, their names, and their parents.
 */
#include <string.h>

#include "object/object-private.h"
#include "sorted.h"

/* ---- names ------------------------------------------------------------------------------------------ */

static char *
fill(const char *pattern, const char *hole, const char *value)
{
    const char *at = strstr(pattern, hole);

    return at ? g_strdup_printf("%.*s%s%s", (int)(at - pattern), pattern, value, at + strlen(hole)) : g_strdup(pattern);
}

/* @index: the number of the bus among those of one line of the schema. */
static char *
name_for(const VtBusInfo *info, const char *id, unsigned index)
{
    g_autofree char *number = g_strdup_printf("%u", index);
    g_autofree char *text = fill(info->name, "{n}", number);

    return fill(text, "{id}", id ? id : "");
}

static unsigned
index_of(const VtBus *bus)
{
    const VtObject *owner = bus->owner;
    unsigned index = 0;

    for (uint32_t i = 0; i < owner->n_provides && owner->provides[i] != bus; i++) {
        index += owner->provides[i]->info == bus->info;
    }
    return index;
}

char *
vt_bus_name_for(const VtBus *bus, const char *id)
{
    return name_for(bus->info, id, index_of(bus));
}

/* The name of a bus whose owner has no id: STEM.N, with N counted over the VM. */
static char *
next_name(VtVm *vm, const VtBusInfo *info)
{
    char *stem = vt_schema_bus_stem(vm->schema, info->type);
    guint n = GPOINTER_TO_UINT(g_hash_table_lookup(vm->bus_numbers, stem));
    char *name = g_strdup_printf("%s.%u", stem, n);

    g_hash_table_insert(vm->bus_numbers, stem, GUINT_TO_POINTER(n + 1));
    return name;
}

/* Makes the number of the newest bus available again. */
static void
return_name(const VtBus *bus)
{
    VtVm *vm = bus->owner->vm;
    g_autofree char *stem = vt_schema_bus_stem(vm->schema, bus->type);
    guint n = GPOINTER_TO_UINT(g_hash_table_lookup(vm->bus_numbers, stem));
    g_autofree char *last = g_strdup_printf("%s.%u", stem, n - 1);

    if (n && strcmp(last, bus->name) == 0) {
        g_hash_table_insert(vm->bus_numbers, g_steal_pointer(&stem), GUINT_TO_POINTER(n - 1));
    }
}

static bool
is_counted(const VtObject *owner, const VtBusInfo *info)
{
    return !owner->config->id && strstr(info->name, "{id}");
}

/* ---- conditions and sizes from the owner's config --------------------------------------------------- */

static const VtProp *
member_of(const VtObject *owner, const char *name)
{
    const VtProp *prop = vt_class_prop(&owner->class->info, name, strlen(name));

    g_assert(prop); /* qapi-gen checks it */
    return vt_object_map_prop(owner, prop);
}

/* Whether the member is true, 'on' or not 0; of a string or reference: whether it has a value. */
static bool
is_on(const VtObject *owner, const char *name)
{
    const VtProp *prop = member_of(owner, name);
    const void *field = vt_config_field(owner->config, prop);
    const VtSchema *schema = owner->vm->schema;
    uint64_t value;

    if (!vt_config_present(owner->config, prop)) {
        return false;
    }
    if (prop->row->kind == VT_KIND_STR || prop->row->kind == VT_KIND_REF) {
        return true;
    }
    value = vt_field_get_uint(schema, prop->layer, prop->row, field);
    if (prop->row->kind == VT_KIND_ENUM) {
        const VtLayer *layer = vt_schema_type_layer(schema, prop->row->type);
        const VtType *type = vt_schema_type(schema, prop->row->type);

        return strcmp(vt_str(layer, layer->names[type->first + value].name), "on") == 0;
    }
    return value != 0;
}

static bool
holds(const VtObject *owner, const char *condition)
{
    if (!condition[0]) {
        return true;
    }
    return condition[0] == '!' ? !is_on(owner, condition + 1) : is_on(owner, condition);
}

static void
set_slots(VtBus *bus)
{
    const VtBusRow *row = bus->info->row;
    const VtLayer *layer = bus->info->layer;
    uint64_t most = 0;

    bus->n_slots = row->n_slots;
    memcpy(bus->slots, row->slots, sizeof(bus->slots));
    if (!row->as_many_as) {
        return;
    }
    for (const uint32_t *name = &layer->inputs[row->as_many_as]; *name; name++) {
        const VtProp *prop = member_of(bus->owner, vt_str(layer, *name));

        most = MAX(most, vt_field_get_uint(bus->owner->vm->schema, prop->layer, prop->row,
                                           vt_config_field(bus->owner->config, prop)));
    }
    bus->slots[0].last = (uint32_t)CLAMP(most, 1, G_MAXUINT16) + bus->slots[0].first - 1;
}

static void
set_reserved(VtBus *bus)
{
    const VtBusRow *row = bus->info->row;
    const VtLayer *layer = bus->info->layer;
    size_t n = 0;

    bus->reserved = g_new0(const char *, 2 * row->n_reserved + 1);
    for (unsigned i = 0; i < row->n_reserved; i++) {
        const uint32_t *texts = &layer->inputs[row->reserved + 3 * i];

        if (holds(bus->owner, vt_str(layer, texts[2]))) {
            bus->reserved[n++] = vt_str(layer, texts[0]);
            bus->reserved[n++] = vt_str(layer, texts[1]);
        }
    }
}

/* Whether the bus is for an embedded child of the owner only, such as the virtio bus of a virtio-pci transport. */
static bool
is_internal(const VtObject *owner, const VtBusInfo *bus)
{
    const VtClassInfo *info = &owner->class->info;

    if (vt_class_is_machine(info)) {
        return false;
    }
    for (size_t i = 0; i < info->n_children; i++) {
        const char *type = vt_class_private(info->children[i])->plugs_into;

        if (type && vt_schema_bus_is_a(info->schema, bus->type, type)) {
            return true;
        }
    }
    return false;
}

/* ---- creation --------------------------------------------------------------------------------------- */

static VtBus *
new_bus(VtObject *owner, const VtBusInfo *info, unsigned index)
{
    VtBusPrivate *private = g_new0(VtBusPrivate, 1);
    VtBus *bus = &private->bus;

    private->ops = vt_schema_bus_ops(owner->vm->schema, info->type);
    private->internal = is_internal(owner, info);
    private->serial = owner->vm->serial++;
    bus->type = info->type;
    bus->name = is_counted(owner, info) ? next_name(owner->vm, info) : name_for(info, owner->config->id, index);
    bus->owner = owner;
    bus->info = info;
    bus->devices = g_ptr_array_new();
    set_slots(bus);
    set_reserved(bus);
    if (!private->ops) {
        private->ops = &vt_number_bus_ops;
    }
    if (private->ops->state_size) {
        bus->state = g_malloc0(private->ops->state_size);
    }
    return bus;
}

static void
free_bus(VtBus *bus)
{
    VtBusPrivate *private = (VtBusPrivate *)bus;

    if (is_counted(bus->owner, bus->info)) {
        return_name(bus);
    }
    g_clear_pointer(&private->below, g_ptr_array_unref);
    g_clear_pointer(&private->full, g_array_unref);
    g_clear_pointer(&private->taken, g_hash_table_unref);
    g_clear_pointer(&private->tried, g_hash_table_unref);
    g_ptr_array_unref(bus->devices);
    g_free(bus->reserved);
    g_free(bus->state);
    g_free(bus->name);
    g_free(bus);
}

void
vt_buses_make(VtObject *object)
{
    const VtClassInfo *info = &object->class->info;
    size_t n = 0;

    for (size_t i = 0; i < info->n_buses; i++) {
        n += info->buses[i].row->count;
    }
    if (!n) {
        return;
    }
    object->provides = g_new0(VtBus *, n);
    for (size_t i = 0; i < info->n_buses; i++) {
        const VtBusRow *row = info->buses[i].row;

        for (unsigned k = 0; k < row->count && holds(object, vt_str(info->buses[i].layer, row->when)); k++) {
            VtBus *bus = new_bus(object, &info->buses[i], k);

            object->provides[object->n_provides++] = bus;
            vt_objects_add_bus(object->vm, bus);
        }
    }
}

void
vt_buses_free(VtObject *object)
{
    for (uint32_t i = object->n_provides; i-- > 0;) {
        vt_objects_remove_bus(object->vm, object->provides[i]);
        free_bus(object->provides[i]);
    }
    g_free(object->provides);
}

/* ---- parents ---------------------------------------------------------------------------------------- */

static bool
is_inverted(const VtBus *bus, const VtBus *above)
{
    return above && bus->owner->serial < above->owner->serial;
}

static GPtrArray *
list_below(VtObject *object, VtBus *bus)
{
    VtBusPrivate *private = (VtBusPrivate *)bus;

    if (!bus) {
        return object->vm->roots;
    }
    if (!private->below) {
        private->below = g_ptr_array_new();
    }
    return private->below;
}

void
vt_buses_link(VtObject *object, VtBus *bus)
{
    for (uint32_t i = 0; i < object->n_provides; i++) {
        VtBus *own = object->provides[i];

        ((VtBusPrivate *)own)->above = bus;
        ((VtBusPrivate *)own)->linked = true;
        object->vm->n_inverted += is_inverted(own, bus);
        vt_sorted_insert(list_below(object, bus), own, vt_buses_compare);
        vt_place_changed(own);
    }
    for (size_t i = 0; i < object->class->info.n_children; i++) {
        vt_buses_link(object->children[i], bus);
    }
}

void
vt_buses_unlink(VtObject *object)
{
    for (uint32_t i = 0; i < object->n_provides; i++) {
        VtBusPrivate *own = (VtBusPrivate *)object->provides[i];

        if (own->linked) {
            vt_sorted_remove(list_below(object, own->above), own, vt_buses_compare);
            object->vm->n_inverted -= is_inverted(&own->bus, own->above);
            own->above = NULL;
            own->linked = false;
        }
    }
    for (size_t i = 0; i < object->class->info.n_children; i++) {
        vt_buses_unlink(object->children[i]);
    }
}
