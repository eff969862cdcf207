/* SPDX-License-Identifier: MIT */
/*
 * Names of a VM that a release of QEMU does not have, or has deprecated.
 */
#include "object/object-private.h"
#include "value/value-private.h"

typedef struct Given {
    const VtLifeCheck *check;
    const char *key;
    GError **error;
} Given;

static bool
check_given(const char *path, const VtLayer *layer, const VtCold *cold, void *opaque)
{
    const Given *given = opaque;
    g_autofree char *member = NULL;

    if (!cold->life) {
        return true;
    }
    member = g_strdup_printf("member '%s'", path);
    return vt_life_check(given->check, &layer->lives[cold->life], layer->texts, given->key, member, given->error);
}

static bool
check_object(const VtLifeCheck *check, const VtObject *object, const char *key, GError **error)
{
    const VtClassInfo *info = vt_object_class(object);
    g_autofree char *type = g_strdup_printf("type '%s'", info->tag);

    /* A concrete class states its own life: an abstract one may be newer than its children. */
    if (!info->machine && !vt_life_check(check, vt_class_life(info), info->layer->texts, key, type, error)) {
        return false;
    }
    return vt_config_each_given(object->config, check_given, &(Given){check, key, error});
}

static bool
check_machine(const VtLifeCheck *check, const VtMachineName *machine, GError **error)
{
    g_autofree char *what = g_strdup_printf("machine '%s'", machine->name);
    const char *why;
    VtLife life;

    vt_machine_life(machine->family, machine->version, &life, &why);
    return vt_life_check_for(check, &life, why, "-machine", what, error);
}

bool
vt_vm_check_life(const VtVm *vm, const VtLifeCheck *check, GError **error)
{
    const VtMachineName *machine = vt_context_machine(vm->ctx);
    g_autoptr(GArray) objects = vt_vm_objects(vm);

    if (machine && !check_machine(check, machine, error)) {
        return false;
    }
    for (guint i = 0; i < objects->len; i++) {
        const VtEntryKey *entry = &g_array_index(objects, VtEntryKey, i);

        if (!check_object(check, entry->object, entry->key, error)) {
            return false;
        }
    }
    return true;
}
