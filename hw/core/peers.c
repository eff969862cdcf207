/* SPDX-License-Identifier: MIT */
/*
 * Peers of an object.
 */
#include "vt-hw/peers.h"

#include "vt-runtime/vm.h"

static bool
visit(VtObject *object, const VtObject *self, const char *class_name, VtPeerFunc func, void *opaque)
{
    const VtClassInfo *info = vt_object_class(object);

    if (object != self && vt_object_is_a(object, class_name) && !func(object, opaque)) {
        return false;
    }
    for (size_t i = 0; i < info->n_children; i++) {
        if (!visit(vt_object_child(object, info->child_names[i]), self, class_name, func, opaque)) {
            return false;
        }
    }
    return true;
}

bool
vt_peers_each(VtObject *object, const char *class_name, VtPeerFunc func, void *opaque)
{
    g_autoptr(GArray) objects = vt_vm_objects(vt_object_vm(object));

    for (guint i = 0; i < objects->len; i++) {
        if (!visit(g_array_index(objects, VtEntryKey, i).object, object, class_name, func, opaque)) {
            return false;
        }
    }
    return true;
}

char *
vt_peer_name(VtObject *object)
{
    const VtConfig *config = vt_object_full_config(object);

    return config->id ? g_strdup_printf("%s '%s'", config->info->kind, config->id)
                      : g_strdup_printf("a %s", config->info->tag);
}
