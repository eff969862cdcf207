/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "object/object-private.h"

VtObject *
vt_object_top(VtObject *object)
{
    while (object->embedder) {
        object = object->embedder;
    }
    return object;
}

typedef bool StepFunc(VtObject *object, GError **error);

static StepFunc *
func_of(const VtOps *ops, VtStep step)
{
    StepFunc *const funcs[VT_N_STEPS] = {ops->refer, ops->validate, ops->check_place};

    return funcs[step];
}

unsigned
vt_class_steps(const VtClassPrivate *class)
{
    unsigned steps = 0;

    for (size_t i = 0; i < class->n_ops; i++) {
        for (VtStep step = 0; step < VT_N_STEPS; step++) {
            steps |= func_of(class->ops[i], step) ? 1u << step : 0;
        }
    }
    for (size_t i = 0; i < class->info.n_children; i++) {
        steps |= vt_class_steps(vt_class_private(class->info.children[i]));
    }
    return steps;
}

bool
vt_object_run(VtObject *object, VtStep step, GError **error)
{
    if (!(object->memory->steps & 1u << step)) {
        return true;
    }
    for (size_t i = 0; i < object->class->n_ops; i++) {
        StepFunc *func = func_of(object->class->ops[i], step);

        if (func && !func(object, error)) {
            return false;
        }
    }
    for (size_t i = 0; i < object->class->info.n_children; i++) {
        if (!vt_object_run(object->children[i], step, error)) {
            return false;
        }
    }
    return true;
}

const VtClassInfo *
vt_object_class(const VtObject *object)
{
    return &object->class->info;
}

bool
vt_object_is_a(const VtObject *object, const char *class_name)
{
    for (const VtClassInfo *c = &object->class->info; c; c = c->parent) {
        if (strcmp(c->name, class_name) == 0) {
            return true;
        }
    }
    return false;
}

const char *
vt_object_model(const VtObject *object)
{
    return object->config->model;
}

const char *
vt_object_id(const VtObject *object)
{
    return object->embedder ? NULL : object->config->id;
}

const char *
vt_object_display(const VtObject *object)
{
    const char *id = vt_object_id(object);

    return id ? id : object->class->info.tag;
}

char *
vt_object_title(const VtObject *object)
{
    const char *id = object->config->id;
    const char *tag = object->embedder ? object->config->info->tag : object->class->info.tag;

    return id ? g_strdup_printf("%s '%s'", tag, id) : g_strdup(tag);
}

const void *
vt_object_config(const VtObject *object)
{
    return object->data;
}

void *
vt_object_writable_config(VtObject *object)
{
    return object->data;
}

const VtConfig *
vt_object_full_config(const VtObject *object)
{
    return object->config;
}

VtConfig *
vt_object_writable_full_config(VtObject *object)
{
    return object->config;
}

const VtProp *
vt_object_map_prop(const VtObject *object, const VtProp *prop)
{
    const VtProp *mapped;

    prop = vt_prop_member(&object->class->info, prop);
    if (!object->embedder) {
        return prop;
    }
    mapped = vt_class_prop_at(object->config->info, object->base + prop->offset);
    g_assert(mapped);
    return mapped;
}

VtForm *
vt_object_form(const VtObject *object, const VtCodec *codec, const char *text)
{
    VtForm *form = vt_form_read(object->vm->schema, codec, text, NULL);

    g_assert(form); /* the text was checked when it was decoded */
    return form;
}

bool
vt_object_has(const VtObject *object, const char *member)
{
    const VtProp *prop = vt_class_prop(&object->class->info, member, strlen(member));

    g_assert(prop);
    return vt_config_present(object->config, vt_object_map_prop(object, prop));
}

void *
vt_object_state(VtObject *object, const VtOps *ops)
{
    for (size_t i = object->class->n_ops; i-- > 0;) {
        if (object->class->ops[i] == ops) {
            return object->state + object->class->state_offsets[i];
        }
    }
    g_assert_not_reached();
}

VtVm *
vt_object_vm(const VtObject *object)
{
    return object->vm;
}

VtObject *
vt_object_parent(const VtObject *object)
{
    if (object->embedder) {
        return object->embedder;
    }
    return object->class->info.row->layer == VT_CLASS_DEVICE ? object->vm->machine : NULL;
}

VtBus *
vt_object_bus(const VtObject *object)
{
    return object->bus;
}

VtBus *const *
vt_object_buses(const VtObject *object, size_t *ret_n)
{
    *ret_n = object->n_provides;
    return object->provides;
}

VtObject *
vt_object_child(const VtObject *object, const char *name)
{
    for (size_t i = 0; i < object->class->info.n_children; i++) {
        if (strcmp(object->class->info.child_names[i], name) == 0) {
            return object->children[i];
        }
    }
    return NULL;
}

bool
vt_object_is_inline(const VtObject *object)
{
    return !object->embedder && !object->owns_config;
}

const VtObject *
vt_object_outermost(const VtObject *object)
{
    while (vt_object_is_inline(object) && object->users.head) {
        object = ((const VtUse *)object->users.head->data)->user;
    }
    return object;
}

bool
vt_object_planned(const VtObject *object)
{
    return vt_object_const_top(object)->stage != VT_STAGE_NEW;
}

bool
vt_object_realized(const VtObject *object)
{
    return vt_object_const_top(object)->stage == VT_STAGE_REALIZED;
}

bool
vt_object_hotplugged(const VtObject *object)
{
    return vt_object_const_top(object)->hotplugged;
}
