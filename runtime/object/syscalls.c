/* SPDX-License-Identifier: MIT */
/*
 * System calls that classes require, and errors if the sandbox denies them.
 */
#include "object/object-private.h"
#include "schema/schema-private.h"
#include "vt-runtime/error.h"

static uint32_t
calls_of(const VtClass *row)
{
    return row->syscalls | row->optional_syscalls;
}

uint32_t
vt_schema_calls(const VtSchema *schema)
{
    uint32_t groups = 0;

    for (size_t i = 0; i < schema->n_layers; i++) {
        for (uint32_t j = 0; j < schema->layers[i]->n_classes; j++) {
            const VtClass *row = &schema->layers[i]->classes[j];

            groups |= row->model != VT_MODEL_NONE && !(row->flags & VT_CLASS_ABSTRACT) ? calls_of(row) : 0;
        }
    }
    return groups;
}

static uint32_t
calls_of_object(const VtObject *object)
{
    uint32_t groups = calls_of(object->class->info.row);

    for (size_t i = 0; i < object->class->info.n_children; i++) {
        groups |= calls_of_object(object->children[i]);
    }
    return groups;
}

uint32_t
vt_vm_calls(const VtVm *vm)
{
    uint32_t groups = vm->machine ? calls_of_object(vm->machine) : 0;

    for (const GList *link = vm->order.head; link; link = link->next) {
        groups |= calls_of_object(link->data);
    }
    return groups;
}

void
vt_vm_deny_calls(VtVm *vm, uint32_t groups)
{
    vm->denied = groups;
}

static const char *
group_name(const VtSchema *schema, unsigned group)
{
    uint16_t number = vt_schema_find_type(schema, "SyscallGroup");
    const VtLayer *layer = vt_schema_type_layer(schema, number);

    return vt_str(layer, layer->names[vt_schema_type(schema, number)->first + group].name);
}

bool
vt_object_check_calls(const VtObject *object, unsigned group, const char *what, GError **error)
{
    return !(object->vm->denied >> group & 1) ||
           vt_error_set(error, "%s requires the system calls '%s', which the sandbox denies", what,
                        group_name(object->vm->schema, group));
}

bool
vt_calls_check_class(const VtObject *object, GError **error)
{
    const VtClassInfo *info = &object->class->info;
    uint32_t missing = info->row->syscalls & object->vm->denied;

    if (missing) {
        g_autofree char *what = g_strdup_printf("class '%s'", info->name);

        return vt_object_check_calls(object, (unsigned)g_bit_nth_lsf(missing, -1), what, error);
    }
    for (size_t i = 0; i < info->n_children; i++) {
        if (!vt_calls_check_class(object->children[i], error)) {
            return false;
        }
    }
    return true;
}
