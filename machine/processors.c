/* SPDX-License-Identifier: MIT */
#include "processors.h"

#include <string.h>

#include <json-c/json.h>

#include "places.h"
#include "vt-gen/machine.h"

typedef struct Processors {
    VtPlaces places;
    VtVm *aside;     /* of the processors that clients looked at; NULL: none */
    VtObject **made; /* by place and thread: @per_place of each place; an element is NULL until a client looks at it */
    unsigned per_place;
} Processors;

static unsigned
count(const void *opaque)
{
    return ((const Processors *)opaque)->places.started;
}

static unsigned
threads(const void *opaque)
{
    const Processors *self = opaque;

    return self->places.core ? self->places.threads : 0;
}

static const char *
type(bool thread, const void *opaque)
{
    const Processors *self = opaque;

    return thread || !self->places.core ? self->places.cpu->name : self->places.core->name;
}

/* What the user set of the processors, so that each is as the one that the tree has. */
static json_object *
given_members(VtObject *model)
{
    const VtClassInfo *info = vt_object_class(model);
    json_object *members = json_object_new_object();
    GHashTable *offsets = g_hash_table_new(NULL, NULL);

    for (size_t i = 0; i < info->n_props; i++) {
        const VtProp *prop = &info->props[i];

        /* Several names can stand for one member. */
        if (vt_object_provenance(model, prop).from == VT_ORIGIN_EXPLICIT &&
            g_hash_table_add(offsets, GUINT_TO_POINTER(prop->offset))) {
            json_object *value = NULL;

            vt_object_values(model, prop, 0, &value, NULL);
            json_object_object_add(members, prop->name, value);
        }
    }
    g_hash_table_unref(offsets);
    return members;
}

/* Sets the members of @info that say where place @number is. */
static void
add_place(const Processors *self, const VtClassInfo *info, unsigned number, json_object *members)
{
    json_object *props = vt_place_props(&self->places, number);

    if (props) {
        json_object_object_foreach (props, name, value) {
            if (vt_class_prop(info, name, strlen(name))) {
                json_object_object_add(members, name, json_object_get(value));
            }
        }
    }
    json_object_put(props);
}

/* Returns NULL if the machine's processors cannot be planned alone. */
static VtObject *
make(Processors *self, const VtClassInfo *info, unsigned number, json_object *members)
{
    g_autoptr(GPtrArray) planned = NULL;
    VtCreation creation = {.root = info->root, .class = info, .made = true, .where = "processor"};

    add_place(self, info, number, members);
    creation.input = vt_input_new_object(members, creation.where);
    if (!self->aside) {
        self->aside = vt_vm_new_aside(self->places.vm);
    }
    return vt_vm_plan(self->aside, &creation, 1, &planned, NULL) ? g_ptr_array_index(planned, planned->len - 1) : NULL;
}

static VtObject *
get(unsigned number, int thread, void *opaque)
{
    Processors *self = opaque;
    bool is_core = self->places.core && thread < 0;
    VtObject **made = &self->made[number * self->per_place + (unsigned)(thread + 1)];
    VtObject *model = vt_vm_processor(self->places.vm);
    json_object *members;

    if (model && !self->places.family) {
        return model;
    }
    if (!*made) {
        members = model && !is_core ? given_members(model) : json_object_new_object();
        *made = make(self, is_core ? self->places.core : self->places.cpu, number, members);
        json_object_put(members);
    }
    return *made;
}

static void
free_processors(void *opaque)
{
    Processors *self = opaque;

    vt_vm_free(self->aside);
    g_free(self->made);
    g_free(self);
}

void
vt_machine_provide_processors(VtVm *vm)
{
    static const VtProcessorOps ops = {
        .count = count, .threads = threads, .type = type, .get = get, .free = free_processors};
    g_autofree Processors *self = g_new0(Processors, 1);

    if (!vt_places_of(vm, &self->places)) {
        return;
    }
    self->per_place = 1 + threads(self);
    self->made = g_new0(VtObject *, (size_t)self->places.started * self->per_place);
    vt_vm_set_processors(vm, &ops, g_steal_pointer(&self));
}
