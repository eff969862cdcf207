/* SPDX-License-Identifier: MIT */
/*
 * Objects that no option of their own creates, in a frozen file: it has no place for their values, so it states the
 * defaults of their classes.
 */
#include "options-private.h"

#include <json-c/json.h>

#include "vt-runtime/output.h"
#include "vt-runtime/pin.h"

/* The objects that another option or the machine makes, in order of creation: borrowed, in an array of the caller. */
static GPtrArray *
made_objects(const VtVm *vm)
{
    GPtrArray *made = g_ptr_array_new();
    g_autoptr(GArray) entries = vt_vm_objects(vm);

    for (guint i = 0; i < entries->len; i++) {
        VtObject *object = g_array_index(entries, VtEntryKey, i).object;

        if (vt_object_full_config(object)->made) {
            g_ptr_array_add(made, object);
        }
    }
    return made;
}

static void
pin_object(const VtCommandLine *line, const VtObject *object, const VtObject *newest, json_object *file)
{
    const VtClassInfo *info = vt_object_class(object);
    uint16_t target = vt_context_target(vt_vm_context(vt_object_vm(object)));

    for (size_t i = 0; i < info->n_props; i++) {
        const VtProp *prop = &info->props[i];
        json_object *old = NULL, *new = NULL;

        if (prop->alias_of || !vt_prop_is_shown(prop, target)) {
            continue;
        }
        vt_object_values(object, prop, VT_OUTPUT_NAMES, &old, NULL);
        vt_object_values(newest, prop, VT_OUTPUT_NAMES, &new, NULL);
        if (!json_object_equal(old, new)) {
            vt_config_pin_default(line, file, info, prop, old);
        }
        json_object_put(old);
        json_object_put(new);
    }
}

void
vt_freeze_made(const VtCommandLine *line, const VtVm *vm, const VtVm *newest, json_object *file)
{
    g_autoptr(GPtrArray) old = made_objects(vm), new = made_objects(newest);

    for (guint i = 0; i < old->len && i < new->len; i++) {
        if (vt_object_class(old->pdata[i]) == vt_object_class(new->pdata[i])) {
            pin_object(line, old->pdata[i], new->pdata[i], file);
        }
    }
}
