/* SPDX-License-Identifier: MIT */
/*
 * Names of a VM that a release of QEMU does not have, or has deprecated.
 */
#include "object/object-private.h"

static bool
check_type(const VtLifeCheck *check, const VtClassInfo *info, const char *key, GError **error)
{
    /* A concrete class states its own life: an abstract one may be newer than its children. */
    const VtLife *life = info->machine ? NULL : vt_class_life(info);
    g_autofree char *type = NULL;

    if (vt_life_passes(check, life)) {
        return true;
    }
    type = g_strdup_printf("type '%s'", info->tag);
    return vt_life_check(check, life, info->layer->texts, key, type, error);
}

static bool
check_object(const VtLifeCheck *check, const VtObject *object, const char *key, GError **error)
{
    if (!check_type(check, vt_object_class(object), key, error)) {
        return false;
    }
    return vt_config_check_life(object->config, check, key, error);
}

/* The option with @role, or @otherwise if the program is unknown. */
static char *
option_label(const VtContext *ctx, VtRole role, const char *otherwise)
{
    const char *option = vt_context_option(ctx, role);

    return option ? g_strdup_printf("-%s", option) : g_strdup(otherwise);
}

static bool
check_machine(const VtContext *ctx, const VtLifeCheck *check, GError **error)
{
    const VtMachineName *machine = vt_context_machine(ctx);
    g_autofree char *where = option_label(ctx, VT_ROLE_MACHINE, "machine");
    g_autofree char *what = g_strdup_printf("machine '%s'", machine->name);
    const char *why;
    VtLife life;

    vt_machine_life(machine->family, machine->version, &life, &why);
    return vt_life_check_for(check, &life, why, where, what, error);
}

/* Returns whether there is nothing to report about the objects.  Their order does not matter then: no sort. */
static bool
is_clean(const VtVm *vm, const VtLifeCheck *check)
{
    g_autoptr(GPtrArray) found = g_ptr_array_new_with_free_func(g_free);
    VtLifeCheck quiet = *check;

    quiet.warnings = found;
    quiet.policy = NULL; /* an object that the policy rejects has a warning, too */
    if (vm->machine && !check_object(&quiet, vm->machine, "", NULL)) {
        return false;
    }
    for (GList *link = vm->order.head; link && !found->len; link = link->next) {
        if (!check_object(&quiet, link->data, "", NULL)) {
            return false;
        }
    }
    return !found->len;
}

/* Warns of each -global without an object that has its value, unless such an object may be plugged later. */
static void
check_globals(const VtVm *vm, GPtrArray *warnings)
{
    for (guint i = 0; i < vm->ctx->globals->len; i++) {
        const VtGlobal *global = vm->ctx->globals->pdata[i];

        if (!global->used && !(global->driver->row->flags & VT_CLASS_HOTPLUGGABLE)) {
            g_autofree char *option = option_label(vm->ctx, VT_ROLE_GLOBAL, "default");

            g_ptr_array_add(warnings, g_strdup_printf("%s %s.%s: not used: the VM has no such object", option,
                                                      global->driver->name, global->prop->name));
        }
    }
}

bool
vt_objects_check_life(const VtLifeCheck *check, VtObject *const *objects, size_t n, GError **error)
{
    for (size_t i = 0; i < n; i++) {
        if (!check_object(check, objects[i], vt_object_display(objects[i]), error)) {
            return false;
        }
    }
    return true;
}

bool
vt_vm_check_life(const VtVm *vm, const VtLifeCheck *check, GError **error)
{
    const VtMachineName *machine = vt_context_machine(vm->ctx);
    g_autoptr(GArray) objects = NULL;

    check_globals(vm, check->warnings);
    if (machine && !check_machine(vm->ctx, check, error)) {
        return false;
    }
    if (is_clean(vm, check)) {
        return true;
    }
    objects = vt_vm_objects(vm);
    for (guint i = 0; i < objects->len; i++) {
        const VtEntryKey *entry = &g_array_index(objects, VtEntryKey, i);

        if (!check_object(check, entry->object, entry->key, error)) {
            return false;
        }
    }
    return true;
}
