/* SPDX-License-Identifier: MIT */
/*
 * Realizes planned objects, and deletes objects.
 */
#include <string.h>

#include "object/object-private.h"
#include "vt-runtime/error.h"
#include "vt-runtime/main-thread.h"

/* ---- one object ------------------------------------------------------------------------------------- */

static void
unrealize_parts(VtObject *object, size_t n_ops, size_t n_children)
{
    while (n_children-- > 0) {
        VtObject *child = object->children[n_children];

        unrealize_parts(child, child->class->n_ops, child->class->info.n_children);
    }
    while (n_ops-- > 0) {
        if (object->class->ops[n_ops]->unrealize) {
            object->class->ops[n_ops]->unrealize(object);
        }
    }
}

static bool
realize_parts(VtObject *object, GError **error)
{
    const VtClassPrivate *class = object->class;

    for (size_t i = 0; i < class->n_ops; i++) {
        if (class->ops[i]->realize && !class->ops[i]->realize(object, error)) {
            unrealize_parts(object, i, 0);
            return false;
        }
    }
    for (size_t i = 0; i < class->info.n_children; i++) {
        if (!realize_parts(object->children[i], error)) {
            unrealize_parts(object, class->n_ops, i);
            return false;
        }
    }
    return true;
}

static bool
realize(VtObject *object, GError **error)
{
    if (object->elsewhere) {
        object->stage = VT_STAGE_REALIZED;
        return true;
    }
    if (!vt_object_check_files(object, error) || !realize_parts(object, error)) {
        vt_backend_release(object);
        if (object->config->where) {
            g_prefix_error(error, "%s: ", object->config->where);
        }
        return false;
    }
    object->stage = VT_STAGE_REALIZED;
    return true;
}

void
vt_object_unrealize(VtObject *object)
{
    if (object->stage != VT_STAGE_REALIZED) {
        return;
    }
    if (!object->elsewhere) {
        vt_object_unserve(object);
        unrealize_parts(object, object->class->n_ops, object->class->info.n_children);
        vt_backend_release(object);
    }
    object->stage = VT_STAGE_PLANNED;
}

static bool
check_model(const VtObject *object, GError **error)
{
    const VtClassInfo *info = &object->class->info;

    if (info->row->model == VT_MODEL_NONE) {
        return vt_error_set(error, "class '%s' has no %s yet: it can be configured and resolved, but not started",
                            info->name, info->row->layer == VT_CLASS_DEVICE ? "device model" : "implementation");
    }
    for (size_t i = 0; i < info->n_children; i++) {
        if (!check_model(object->children[i], error)) {
            return false;
        }
    }
    return true;
}

bool
vt_object_has_model(const VtObject *object)
{
    return check_model(object, NULL);
}

static bool
is_fallback(const VtObject *object)
{
    return object->class->info.row->model == VT_MODEL_FALLBACK;
}

const VtObject *
vt_vm_without_full_model(const VtVm *vm)
{
    if (vm->machine && !vt_object_has_model(vm->machine)) {
        return vm->machine;
    }
    for (const GList *link = vm->order.head; link; link = link->next) {
        if (!vt_object_has_model(link->data) || is_fallback(link->data)) {
            return link->data;
        }
    }
    return NULL;
}

static bool
give_up(VtConfig *config, const char *path, const VtLayer *layer, const VtRow *row, VtRef *ref, void *opaque,
        GError **error)
{
    (void)config, (void)path, (void)layer, (void)row, (void)error;
    if (ref->inline_config == ((VtObject *)opaque)->config) {
        ref->inline_config = NULL;
    }
    return true;
}

/* Deletes an object that was defined inside @owner.  If it has other users, it becomes independent. */
static void
remove_inline(VtObject *owner, VtObject *object)
{
    if (object->users.length) {
        vt_config_each_ref(owner->config, give_up, object, NULL);
        object->owns_config = true;
    } else {
        vt_object_remove(object);
    }
}

/* Removes the object from the list of planned objects. */
static void
stop_waiting(VtObject *object)
{
    if (object->waits) {
        g_queue_unlink(&object->vm->planned, &object->planned);
        object->waits = false;
    }
}

void
vt_object_remove(VtObject *object)
{
    VtVm *vm = object->vm;

    vt_object_unrealize(object);
    vt_backend_release(object);
    vt_place_leave(object);
    vt_refs_unbind(object);
    vt_givers_forget(object);
    if (object == vm->machine) {
        vm->machine = NULL;
    } else {
        vt_objects_remove(vm, object);
    }
    if (object->stage != VT_STAGE_NEW) {
        g_queue_unlink(&vm->order, &object->link);
        stop_waiting(object);
    }
    for (guint i = object->inlines ? object->inlines->len : 0; i-- > 0;) {
        remove_inline(object, object->inlines->pdata[i]);
    }
    vt_object_free(object);
}

/* ---- planned objects ---------------------------------------------------------------------------------- */

/* Deletes planned objects from position @first on.  The machine and the objects that it refers to stay planned. */
static void
drop_planned(VtVm *vm, guint first)
{
    GList *kept = NULL;
    bool machine = false;

    while (vm->planned.length > first) {
        GList *link = kept ? kept->prev : vm->planned.tail;
        VtObject *object = link->data;

        machine |= object == vm->machine;
        if (object == vm->machine || (machine && object->users.length)) {
            vt_object_unrealize(object);
            kept = link;
            first++;
        } else {
            vt_object_remove(object);
        }
    }
}

/* Decides who has the object, and whether this process can have it. */
static bool
check_owner(VtVm *vm, VtObject *object, GError **error)
{
    object->elsewhere = vm->runner && vm->runner->has(object, vm->runner_opaque);
    if (object->elsewhere || (check_model(object, error) && vt_calls_check_class(object, error))) {
        return true;
    }
    if (object->config->where) {
        g_prefix_error(error, "%s: ", object->config->where);
    }
    return false;
}

static bool
realize_planned(VtVm *vm, GError **error)
{
    bool ok = true;

    for (GList *link = vm->planned.head; ok && link; link = link->next) {
        ok = check_owner(vm, link->data, error);
    }
    for (GList *link = vm->planned.head; ok && link; link = link->next) {
        ok = realize(link->data, error);
    }
    if (!ok) {
        drop_planned(vm, 0);
        return false;
    }
    while (vm->planned.head) {
        stop_waiting(vm->planned.head->data);
    }
    return true;
}

bool
vt_vm_realize(VtVm *vm, GError **error)
{
    vt_assert_main();
    if (vm->machine_pending && !vt_plan_batch(vm, NULL, NULL, 0, false, NULL, error)) {
        return false;
    }
    return realize_planned(vm, error);
}

static bool
is_of_kind(const VtObject *object, const char *kind)
{
    return strcmp(object->class->info.root->kind, kind) == 0;
}

static bool
refers_to_kind(const VtObject *object, const char *kind)
{
    for (guint i = 0; object->targets && i < object->targets->len; i++) {
        if (is_of_kind(g_array_index(object->targets, VtTarget, i).object, kind)) {
            return true;
        }
    }
    return false;
}

/* The planned objects to realize.  An object is planned after those that it refers to. */
static GHashTable *
choose_first(const VtVm *vm, const char *kind, const char *users)
{
    GHashTable *chosen = g_hash_table_new(NULL, NULL);

    for (GList *link = vm->planned.tail; link; link = link->prev) {
        VtObject *object = link->data;

        if (is_of_kind(object, kind) || (is_of_kind(object, users) && refers_to_kind(object, kind))) {
            g_hash_table_add(chosen, object);
        }
        for (guint i = 0; g_hash_table_contains(chosen, object) && object->targets && i < object->targets->len; i++) {
            g_hash_table_add(chosen, g_array_index(object->targets, VtTarget, i).object);
        }
    }
    return chosen;
}

bool
vt_vm_realize_first(VtVm *vm, const char *kind, const char *users, GError **error)
{
    g_autoptr(GHashTable) chosen = choose_first(vm, kind, users);
    bool ok = true;

    vt_assert_main();
    for (GList *link = vm->planned.head, *next; ok && link; link = next) {
        VtObject *object = link->data;

        next = link->next;
        if (g_hash_table_contains(chosen, object)) {
            ok = check_owner(vm, object, error) && realize(object, error);
            if (ok) {
                stop_waiting(object);
            }
        }
    }
    return ok;
}

void
vt_vm_set_incomplete(VtVm *vm, bool incomplete)
{
    vm->incomplete = incomplete;
}

bool
vt_vm_is_incomplete(const VtVm *vm)
{
    return vm->incomplete;
}

/* The runner creates one object per command, with the objects that are defined inside it. */
static bool
create_elsewhere(VtVm *vm, const GPtrArray *planned, GError **error)
{
    VtObject *object = planned->pdata[planned->len - 1];

    for (guint i = 0; i + 1 < planned->len; i++) {
        const VtObject *first = planned->pdata[i];

        if (first->owns_config) {
            return vt_error_set(error, "'%s' requires a '%s' first; create one", vt_object_display(object),
                                first->class->info.tag);
        }
    }
    return vm->runner->create(object, vm->runner_opaque, error);
}

/* Before the host is asked: a probe fails, too, where the sandbox denies a call. */
static bool
check_calls(const VtVm *vm, const GPtrArray *planned, GError **error)
{
    for (guint i = 0; i < planned->len; i++) {
        VtObject *object = planned->pdata[i];

        if (!(vm->runner && vm->runner->has(object, vm->runner_opaque)) && !vt_calls_check_class(object, error)) {
            return false;
        }
    }
    return true;
}

bool
vt_vm_create(VtVm *vm, const VtClassInfo *root, VtInput *input, bool hotplug, VtObject **ret_object, GError **error)
{
    VtCreation creation = {root, input};
    guint first = vm->planned.length;
    g_autoptr(GPtrArray) planned = NULL;
    VtObject *object;

    if (!vt_plan_batch(vm, vt_plan_one, &creation, 1, hotplug, &planned, error)) {
        return false;
    }
    if ((vm->life && !vt_objects_check_life(vm->life, (VtObject *const *)planned->pdata, planned->len, error)) ||
        !check_calls(vm, planned, error) ||
        !vt_demands_check_objects(vm, (VtObject *const *)planned->pdata, planned->len, error)) {
        drop_planned(vm, first);
        return false;
    }
    /* Objects that the new object requires precede it in the list. */
    object = planned->pdata[planned->len - 1];
    if (vm->runner && vm->runner->has(object, vm->runner_opaque) && !create_elsewhere(vm, planned, error)) {
        drop_planned(vm, first);
        return false;
    }
    /* Other objects wait for vt_vm_realize(): a realized object must not depend on a planned one. */
    if (!first && !realize_planned(vm, error)) {
        return false;
    }
    if (ret_object) {
        *ret_object = object;
    }
    return true;
}

/* ---- deletion --------------------------------------------------------------------------------------- */

static bool
not_found(const char *kind, const char *id, GError **error)
{
    bool device = strcmp(kind, "device") == 0 || strcmp(kind, "netdev") == 0;

    if (device) {
        g_set_error(error, VT_ERROR, VT_ERROR_DEVICE_NOT_FOUND, "Device '%s' not found", id);
        return false;
    }
    return vt_error_set(error, "%s '%s' not found", kind, id);
}

bool
vt_vm_delete(VtVm *vm, const char *kind, const char *id, GError **error)
{
    VtObject *object = vt_vm_find(vm, kind, id);
    g_autofree char *user = NULL;

    vt_assert_main();
    if (!object) {
        return not_found(kind, id, error);
    }
    user = vt_refs_first_user(object);
    if (user) {
        return vt_error_set(error, "%s '%s' is in use by %s", kind, id, user);
    }
    if (object->stage == VT_STAGE_REALIZED && object->class->info.row->layer == VT_CLASS_DEVICE &&
        !vt_place_check_hotplug(object, error)) {
        return false;
    }
    if (object->elsewhere && !vm->runner->remove(object, vm->runner_opaque, error)) {
        return false;
    }
    vt_object_remove(object);
    return true;
}
