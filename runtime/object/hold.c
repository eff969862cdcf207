/* SPDX-License-Identifier: MIT */
/*
 * Holds: conditions that startup waits for, oldest first.  An object has at most one.
 */
#include "object/object-private.h"
#include "vt-runtime/error.h"
#include "vt-runtime/main-thread.h"

struct VtHolds {
    GQueue reasons;    /* of char *, oldest first */
    GHashTable *links; /* object to its link in @reasons */
};

bool
vt_vm_hold(VtObject *object, const char *what, GError **error)
{
    VtVm *vm = vt_object_vm(object);

    vt_assert_main();
    if (vm->started) {
        return vt_error_set(error, "%s: waiting is not supported after startup", what);
    }
    if (!vm->holds) {
        vm->holds = g_new0(VtHolds, 1);
        vm->holds->links = g_hash_table_new(NULL, NULL);
    }
    g_assert(!g_hash_table_contains(vm->holds->links, object));
    g_queue_push_tail(&vm->holds->reasons, g_strdup(what));
    g_hash_table_insert(vm->holds->links, object, vm->holds->reasons.tail);
    return true;
}

void
vt_vm_unhold(VtObject *object)
{
    VtVm *vm = vt_object_vm(object);
    VtHolds *holds = vm->holds;
    GList *link = holds ? g_hash_table_lookup(holds->links, object) : NULL;

    vt_assert_main();
    if (!link) {
        return;
    }
    g_free(link->data);
    g_queue_delete_link(&holds->reasons, link);
    g_hash_table_remove(holds->links, object);
    if (!holds->reasons.length) {
        g_hash_table_unref(holds->links);
        g_clear_pointer(&vm->holds, g_free);
    }
}

const char *
vt_vm_held_by(const VtVm *vm)
{
    return vm->holds ? g_queue_peek_head((GQueue *)&vm->holds->reasons) : NULL;
}

void
vt_vm_started(VtVm *vm)
{
    vm->started = true;
}
