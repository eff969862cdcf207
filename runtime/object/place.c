/* SPDX-License-Identifier: MIT */
/*
 * Places: the bus and address of each device, and the numbers of devices without an id.
 */
#include <stdlib.h>
#include <string.h>

#include "object/object-private.h"
#include "sorted.h"
#include "vt-runtime/error.h"

static const VtBusOps *
ops_of(const VtBus *bus)
{
    return ((const VtBusPrivate *)bus)->ops;
}

/* ---- choosing a bus --------------------------------------------------------------------------------- */

static VtBus *
choose_bus(VtObject *object, GError **error)
{
    VtBus *bus = vt_place_search(object);

    if (!bus) {
        vt_error_set(error, "no '%s' bus %sfound for device '%s'", object->class->plugs_into,
                     vt_place_oldest(object) ? "with room " : "", object->class->info.tag);
    }
    return bus;
}

/* The first suitable bus that the embedder or one of its children before @child provides. */
static VtBus *
bus_inside(const VtObject *object, const VtObject *child)
{
    for (size_t i = 0; object != child && i < object->n_provides; i++) {
        if (vt_schema_bus_is_a(object->vm->schema, object->provides[i]->type, child->class->plugs_into)) {
            return object->provides[i];
        }
    }
    for (size_t i = 0; object != child && i < object->class->info.n_children; i++) {
        VtBus *bus = bus_inside(object->children[i], child);

        if (bus) {
            return bus;
        }
    }
    return NULL;
}

static void
choose_children(VtObject *object)
{
    for (size_t i = 0; i < object->class->info.n_children; i++) {
        VtObject *child = object->children[i];

        if (child->class->plugs_into) {
            child->bus = bus_inside(vt_object_top(object), child);
        }
        choose_children(child);
    }
}

const char *
vt_place_wants(VtObject *object)
{
    const VtBusOps *ops = object->bus ? ops_of(object->bus) : NULL;

    return ops && ops->wants ? ops->wants(object->bus, object) : NULL;
}

bool
vt_place_check_hotplug(const VtObject *object, GError **error)
{
    if (!(object->class->info.row->flags & VT_CLASS_HOTPLUGGABLE)) {
        return vt_error_set(error, "Device '%s' does not support hotplugging", object->class->info.tag);
    }
    if (object->bus && !object->bus->info->row->hotplug) {
        return vt_error_set(error, "Bus '%s' does not support hotplugging", object->bus->name);
    }
    return true;
}

bool
vt_place_choose(VtObject *object, bool hotplug, GError **error)
{
    if (object->class->info.row->layer == VT_CLASS_BACKEND) {
        return true;
    }
    if (object->class->plugs_into) {
        VtBus *bus = vt_place_named_bus(object);

        if (!bus) {
            bus = choose_bus(object, error);
        } else if (!vt_schema_bus_is_a(object->vm->schema, bus->type, object->class->plugs_into)) {
            return vt_error_set(error, "device '%s' cannot be plugged into '%s' bus '%s'", object->class->info.tag,
                                bus->type, bus->name);
        } else if (((VtBusPrivate *)bus)->internal) {
            return vt_error_set(error, "bus '%s' is full", bus->name);
        }
        if (!bus) {
            return false;
        }
        object->bus = bus;
    }
    choose_children(object);
    return !hotplug || object == object->vm->machine || vt_place_check_hotplug(object, error);
}

/* Whether placement links the buses of the object. vm.c links the buses of the machine. */
static bool
is_provider(const VtObject *object)
{
    return !object->embedder && object->class->info.row->layer == VT_CLASS_DEVICE;
}

/* ---- taking and releasing addresses ----------------------------------------------------------------- */

static int
compare_places(const void *a, const void *b)
{
    const VtObject *x = a, *y = b;
    const VtBusOps *ops = ops_of(x->bus);
    int order = ops && ops->compare ? ops->compare(x, y) : 0;

    return order ? order : x->placement < y->placement ? -1 : x->placement > y->placement;
}

static void
enter(VtBus *bus, VtObject *device)
{
    device->placement = device->vm->placement++;
    device->placed = true;
    vt_sorted_insert(bus->devices, device, compare_places);
}

/* Sets the member that names the bus to the chosen bus. */
static void
tell_bus(VtObject *object)
{
    const VtProp *prop = object->class->bus_prop;
    VtRef *ref = prop && !object->embedder ? vt_config_field(object->config, prop) : NULL;

    if (ref && !ref->id && vt_object_settle_str(object, prop->name, object->bus->name)) {
        ref->target = vt_object_top(object->bus->owner);
    }
}

bool
vt_place_take(VtObject *object, GError **error)
{
    if (object->bus) {
        const VtBusOps *ops = ops_of(object->bus);

        if (ops && ops->place && !ops->place(object->bus, object, error)) {
            return false;
        }
        enter(object->bus, object);
        tell_bus(object);
    }
    if (is_provider(object)) {
        vt_buses_link(object, object->bus);
    }
    for (size_t i = 0; i < object->class->info.n_children; i++) {
        if (!vt_place_take(object->children[i], error)) {
            return false;
        }
    }
    return true;
}

void
vt_place_leave(VtObject *object)
{
    if (is_provider(object)) {
        vt_buses_unlink(object);
    }
    for (size_t i = object->class->info.n_children; i-- > 0;) {
        vt_place_leave(object->children[i]);
    }
    if (object->placed) {
        const VtBusOps *ops = ops_of(object->bus);

        vt_sorted_remove(object->bus->devices, object, compare_places);
        if (ops && ops->remove) {
            ops->remove(object->bus, object);
        }
        vt_place_changed(object->bus);
        object->placed = false;
    }
    object->bus = NULL;
}

/* ---- numbers ---------------------------------------------------------------------------------------- */

static void number_below(VtObject *object, bool made);

static void
number_bus(VtObject *top, VtBus *bus, bool made)
{
    for (guint i = 0; i < bus->devices->len; i++) {
        VtObject *device = vt_object_top(bus->devices->pdata[i]);

        if (device != top && device->config->made == made) {
            vt_objects_number(device);
        }
    }
    for (guint i = 0; i < bus->devices->len; i++) {
        VtObject *device = vt_object_top(bus->devices->pdata[i]);

        if (device != top) {
            number_below(device, made);
        }
    }
}

static void
number_below(VtObject *object, bool made)
{
    for (size_t i = 0; i < object->n_provides; i++) {
        number_bus(vt_object_top(object), object->provides[i], made);
    }
    for (size_t i = 0; i < object->class->info.n_children; i++) {
        number_below(object->children[i], made);
    }
}

typedef struct Waiting {
    VtObject *object;
    guint index;
} Waiting;

static int
compare_waiting(const void *a, const void *b)
{
    const Waiting *x = a, *y = b;
    int order = strcmp(x->object->class->info.tag, y->object->class->info.tag);

    return order ? order : x->index < y->index ? -1 : 1;
}

void
vt_place_number(VtVm *vm, GPtrArray *objects)
{
    g_autoptr(GArray) waiting = g_array_new(FALSE, FALSE, sizeof(Waiting));
    guint devices = 0;

    for (guint i = 0; i < objects->len; i++) {
        VtObject *object = objects->pdata[i];

        devices += !object->config->id && object->bus;
    }
    if (devices > 1 && vm->machine) {
        /* Objects that options name have the lower numbers. */
        number_below(vm->machine, false);
        number_below(vm->machine, true);
    }
    for (guint i = 0; i < objects->len; i++) {
        Waiting one = {objects->pdata[i], i};

        if (!one.object->config->id && !one.object->number && one.object != vm->machine) {
            g_array_append_val(waiting, one);
        }
    }
    if (waiting->len) {
        qsort(waiting->data, waiting->len, sizeof(Waiting), compare_waiting);
    }
    for (guint i = 0; i < waiting->len; i++) {
        vt_objects_number(g_array_index(waiting, Waiting, i).object);
    }
}
