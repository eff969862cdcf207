/* SPDX-License-Identifier: MIT */
/*
 * Allocates and frees objects with their embedded children.
 */
#include <stddef.h>

#include "object/object-private.h"

static VtClassMemory *
memory_of(VtVm *vm, const VtClassPrivate *class)
{
    void *key = GUINT_TO_POINTER(class->info.row->id);
    VtClassMemory *memory = g_hash_table_lookup(vm->classes, key);

    if (!memory) {
        memory = g_new0(VtClassMemory, 1);
        memory->class = class;
        memory->steps = vt_class_steps(class);
        g_hash_table_insert(vm->classes, key, memory);
    }
    return memory;
}

void
vt_class_memory_free(VtClassMemory *memory)
{
    g_free(memory->late_places);
    g_free(memory->inputs);
    g_free(memory);
}

/* An object, the pointers to its children and its state are one block.  The state may have any type. */
static size_t
state_offset(size_t n_children)
{
    size_t end = sizeof(VtObject) + n_children * sizeof(VtObject *);

    return (end + _Alignof(max_align_t) - 1) / _Alignof(max_align_t) * _Alignof(max_align_t);
}

static VtObject *
object_new(VtVm *vm, VtConfig *config, const VtClassInfo *info, VtObject *embedder, uint32_t base)
{
    const VtClassPrivate *class = vt_class_private(info);
    size_t state = state_offset(info->n_children);
    VtObject *object = g_malloc0(state + class->state_size);

    object->vm = vm;
    object->class = class;
    object->memory = memory_of(vm, class);
    object->config = config;
    object->embedder = embedder;
    object->base = base;
    object->serial = embedder ? embedder->serial : vm->serial++;
    object->data = (char *)config->data + base;
    object->link.data = object->planned.data = object->nameless.data = object;
    object->children = (VtObject **)(object + 1);
    object->state = (char *)object + state;
    for (size_t i = 0; i < info->n_children; i++) {
        object->children[i] = object_new(vm, config, info->children[i], object, base + info->child_bases[i]);
    }
    vt_buses_make(object);
    return object;
}

VtObject *
vt_object_new(VtVm *vm, VtConfig *config, bool owns_config)
{
    VtObject *object = object_new(vm, config, config->info, NULL, 0);

    object->owns_config = owns_config;
    return object;
}

void
vt_object_free(VtObject *object)
{
    const VtClassInfo *info;

    if (!object) {
        return;
    }
    g_assert(!object->users.length);
    info = &object->class->info;
    for (size_t i = 0; i < info->n_children; i++) {
        vt_object_free(object->children[i]);
    }
    for (size_t i = object->class->n_ops; i-- > 0;) {
        if (object->class->ops[i]->finalize) {
            object->class->ops[i]->finalize(object);
        }
    }
    vt_buses_free(object);
    vt_late_clear(object);
    g_clear_pointer(&object->targets, g_array_unref);
    g_clear_pointer(&object->inlines, g_ptr_array_unref);
    vt_claims_free(object->claims);
    if (object->owns_config) {
        vt_config_free(object->config);
    }
    g_free(object);
}
