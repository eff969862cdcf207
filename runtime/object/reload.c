/* SPDX-License-Identifier: MIT */
/*
 * Finds how two plans differ, and turns the first into the second, or restores it.
 */
#include "vt-runtime/reload.h"

#include <string.h>

#include "object/object-private.h"
#include "vt-runtime/await.h"
#include "vt-runtime/error.h"
#include "vt-runtime/main-thread.h"
#include "vt-runtime/output.h"

typedef enum Action { KEEP, SET, REPLACE, ADD, REMOVE } Action;

typedef struct Difference {
    char *name; /* "object 't'" */
    const char *kind;
    char *id;
    Action action;
    VtObject *object; /* of the VM, until the reload starts; NULL: it has none */
    const VtClassInfo *root_before, *root_after;
    json_object *before, *after; /* creations; NULL: none */
    char *where;                 /* position of @after */
    GPtrArray *members;          /* names of the members to set; NULL: one is not mutable */
} Difference;

/* A step of the work, and the one that restores what it changed. */
typedef enum Deed { DELETE, CREATE, ASSIGN } Deed;

typedef struct Step {
    Deed deed;
    Difference *entry;
    bool back; /* with the values before */
} Step;

struct VtReload {
    VtVm *vm;
    GPtrArray *entries;
    GHashTable *by_name;
    VtReloaded result;
    GArray *steps; /* of Step */
    guint done;    /* steps that are done */
    guint n_first; /* steps before the first that creates */
    bool undoing;
    GError *error;
    VtAwaits *awaits;
    VtReloadFunc func;
    void *opaque;
};

static void
difference_free(Difference *entry)
{
    g_free(entry->name);
    g_free(entry->id);
    g_free(entry->where);
    json_object_put(entry->before);
    json_object_put(entry->after);
    g_clear_pointer(&entry->members, g_ptr_array_unref);
    g_free(entry);
}

/* ---- differences --------------------------------------------------------------------------------------- */

/* Whether only a start applies it: the machine, a device, or an object that another option or the board made. */
static bool
is_fixed(const VtObject *object)
{
    return object == object->vm->machine || object->class->info.row->layer == VT_CLASS_DEVICE || object->config->made ||
           object->config->of_board;
}

static char *
reload_name(const VtObject *object)
{
    g_autofree char *path = object->config->id ? NULL : vt_object_path(object);

    return g_strdup_printf("%s '%s'", object->class->info.kind, path ? path : object->config->id);
}

static json_object *
given_creation(const VtObject *object)
{
    const VtContext *ctx = object->vm->ctx;

    return vt_object_creation(object, vt_output_config(object->config, vt_context_target(ctx), VT_OUTPUT_GIVEN));
}

static Difference *
difference_of(VtReload *reload, const VtObject *object)
{
    g_autofree char *name = reload_name(object);
    Difference *entry = g_hash_table_lookup(reload->by_name, name);

    if (!entry) {
        entry = g_new0(Difference, 1);
        entry->name = g_steal_pointer(&name);
        entry->kind = object->class->info.kind;
        entry->id = g_strdup(object->config->id);
        g_ptr_array_add(reload->entries, entry);
        g_hash_table_insert(reload->by_name, entry->name, entry);
    }
    return entry;
}

/* Adds the member @name of @object if it differs.  Returns false if it cannot be set: the object must be replaced. */
static bool
compare_member(Difference *entry, const VtObject *object, const char *name)
{
    const VtProp *prop = vt_class_prop(&object->class->info, name, strlen(name));
    json_object *before = NULL, *after = NULL;

    json_object_object_get_ex(entry->before, name, &before);
    json_object_object_get_ex(entry->after, name, &after);
    if (json_object_equal(before, after)) {
        return true;
    }
    if (!prop || !before || !after || !(prop->cold->features & VT_FEATURE_MUTABLE) || prop->row->kind == VT_KIND_REF) {
        return false;
    }
    g_ptr_array_add(entry->members, g_strdup(name));
    return true;
}

static Action
compare_entry(Difference *entry)
{
    bool settable = true;

    if (!entry->before) {
        return ADD;
    }
    if (!entry->after) {
        return REMOVE;
    }
    if (json_object_equal(entry->before, entry->after)) {
        return KEEP;
    }
    entry->members = g_ptr_array_new_with_free_func(g_free);
    json_object_object_foreach (entry->before, name, value) {
        (void)value;
        settable = settable && compare_member(entry, entry->object, name);
    }
    json_object_object_foreach (entry->after, other, given) {
        (void)given;
        settable = settable && (json_object_object_get_ex(entry->before, other, NULL) ||
                                compare_member(entry, entry->object, other));
    }
    return settable ? SET : REPLACE;
}

static bool
compare_plans(VtReload *reload, const VtVm *next, GHashTable *owned, GError **error)
{
    const VtVm *const sides[] = {reload->vm, next};

    for (size_t side = 0; side < G_N_ELEMENTS(sides); side++) {
        g_autoptr(GPtrArray) objects = vt_vm_in_order(sides[side]);

        for (guint i = 0; i < objects->len; i++) {
            VtObject *object = objects->pdata[i];
            Difference *entry;

            if (vt_object_is_inline(object)) {
                continue;
            }
            entry = difference_of(reload, object);
            if (side == 0) {
                entry->object = object;
                entry->root_before = object->class->info.root;
                entry->before = given_creation(object);
            } else {
                entry->root_after = object->class->info.root;
                entry->after = given_creation(object);
                entry->where = g_strdup(object->config->where);
            }
        }
    }
    for (guint i = 0; i < reload->entries->len; i++) {
        Difference *entry = reload->entries->pdata[i];
        const VtObject *object = entry->object;

        entry->action = compare_entry(entry);
        if (entry->action > KEEP && entry->before && !g_hash_table_contains(owned, entry->name)) {
            if (entry->after) {
                return vt_error_set(error, "%s: %s exists already, and does not come from the files", entry->where,
                                    entry->name);
            }
            entry->action = KEEP;
        }
        if (entry->action != KEEP && !entry->id && !(object && is_fixed(object))) {
            return vt_error_set(error, "%s: only an object with an id can change while the program runs", entry->name);
        }
    }
    return true;
}

static bool
refuse_devices(const VtReload *reload, const VtVm *next, GError **error)
{
    g_autoptr(GPtrArray) objects = vt_vm_in_order(next);

    for (guint i = 0; i < reload->entries->len; i++) {
        const Difference *entry = reload->entries->pdata[i];

        if (entry->action != KEEP && entry->object && is_fixed(entry->object)) {
            return vt_error_set(error, "%s differs, and only a start applies it", entry->name);
        }
    }
    for (guint i = 0; i < objects->len; i++) {
        g_autofree char *name = reload_name(objects->pdata[i]);
        const Difference *entry = g_hash_table_lookup(reload->by_name, name);

        if (entry && entry->action == ADD && is_fixed(objects->pdata[i])) {
            return vt_error_set(error, "%s is new, and only a start applies it", name);
        }
    }
    return true;
}

/* ---- users --------------------------------------------------------------------------------------------- */

/* An object that goes takes its users along, if they come back.  Returns whether it could go at all. */
static bool
replace_users(VtReload *reload, const Difference *entry, const VtObject *object, bool *ret_changed, GError **error)
{
    for (GList *link = object->users.head; link; link = link->next) {
        const VtUse *use = link->data;
        const VtObject *user = use->user ? vt_object_outermost(vt_object_const_top(use->user)) : NULL;
        g_autofree char *name = user ? reload_name(user) : NULL;
        Difference *other = name ? g_hash_table_lookup(reload->by_name, name) : NULL;

        if (user == vt_object_outermost(vt_object_const_top(object))) {
            continue;
        }
        if (!other || (other->action <= SET && (!other->after || is_fixed(user)))) {
            g_autofree char *title = vt_refs_first_user(object);

            return vt_error_set(error, "%s is in use by %s", entry->name, name ? name : title);
        }
        if (other->action <= SET) {
            other->action = REPLACE;
            *ret_changed = true;
        }
    }
    for (size_t i = 0; i < object->class->info.n_children; i++) {
        if (!replace_users(reload, entry, object->children[i], ret_changed, error)) {
            return false;
        }
    }
    for (guint i = 0; object->inlines && i < object->inlines->len; i++) {
        if (!replace_users(reload, entry, object->inlines->pdata[i], ret_changed, error)) {
            return false;
        }
    }
    return true;
}

static bool
settle_users(VtReload *reload, GError **error)
{
    bool changed = true;

    while (changed) {
        changed = false;
        for (guint i = 0; i < reload->entries->len; i++) {
            const Difference *entry = reload->entries->pdata[i];

            if ((entry->action == REPLACE || entry->action == REMOVE) &&
                !replace_users(reload, entry, entry->object, &changed, error)) {
                return false;
            }
        }
    }
    return true;
}

/* ---- steps --------------------------------------------------------------------------------------------- */

static void
add_step(VtReload *reload, Deed deed, Difference *entry)
{
    Step step = {deed, entry, false};

    g_array_append_val(reload->steps, step);
}

static void
find_first_creation(VtReload *reload)
{
    for (reload->n_first = 0; reload->n_first < reload->steps->len; reload->n_first++) {
        if (g_array_index(reload->steps, Step, reload->n_first).deed == CREATE) {
            return;
        }
    }
}

/* Users first when objects go; last when they come. */
static void
list_steps(VtReload *reload, const VtVm *next)
{
    g_autoptr(GPtrArray) before = vt_vm_in_order(reload->vm);
    g_autoptr(GPtrArray) after = vt_vm_in_order(next);

    for (guint i = before->len; i-- > 0;) {
        Difference *entry = !vt_object_is_inline(before->pdata[i]) ? difference_of(reload, before->pdata[i]) : NULL;

        if (entry && (entry->action == REPLACE || entry->action == REMOVE)) {
            add_step(reload, DELETE, entry);
        }
    }
    for (guint i = 0; i < after->len; i++) {
        Difference *entry = !vt_object_is_inline(after->pdata[i]) ? difference_of(reload, after->pdata[i]) : NULL;

        if (entry && (entry->action == REPLACE || entry->action == ADD)) {
            add_step(reload, CREATE, entry);
        } else if (entry && entry->action == SET) {
            add_step(reload, ASSIGN, entry);
        }
    }
    for (guint i = 0; i < reload->entries->len; i++) {
        Difference *entry = reload->entries->pdata[i];
        GPtrArray *const lists[] = {
            [SET] = reload->result.changed,
            [REPLACE] = reload->result.changed,
            [ADD] = reload->result.added,
            [REMOVE] = reload->result.removed,
        };

        entry->object = NULL;
        if (lists[entry->action]) {
            g_ptr_array_add(lists[entry->action], entry->name);
        }
    }
    find_first_creation(reload);
}

static bool
set_members(VtReload *reload, const Difference *entry, bool back, GError **error)
{
    VtObject *object = vt_vm_find(reload->vm, entry->kind, entry->id);
    bool ok = true;

    if (!object) {
        return vt_error_set(error, "%s has been deleted meanwhile", entry->name);
    }
    for (guint i = 0; ok && i < entry->members->len; i++) {
        const char *member = entry->members->pdata[i];
        g_autofree char *where = g_strdup_printf("%s: %s", entry->where, member);
        json_object *value = json_object_object_get(back ? entry->before : entry->after, member);
        g_autoptr(VtInput) input = vt_input_new_object(value, where);

        ok = vt_object_set(object, member, input, error);
    }
    return ok;
}

static bool
do_step(VtReload *reload, const Step *step, GError **error)
{
    const Difference *entry = step->entry;

    switch (step->deed) {
    case DELETE:
        return vt_vm_delete(reload->vm, entry->kind, entry->id, error);
    case CREATE:
        return vt_vm_create(reload->vm, step->back ? entry->root_before : entry->root_after,
                            vt_input_new_object(step->back ? entry->before : entry->after, entry->where), true, NULL,
                            error);
    default:
        return set_members(reload, entry, step->back, error);
    }
}

/* Replaces the steps by those that turn_back what was done, last first. */
static void
turn_back(VtReload *reload)
{
    static const Deed opposites[] = {[DELETE] = CREATE, [CREATE] = DELETE, [ASSIGN] = ASSIGN};
    GArray *steps = g_array_new(FALSE, FALSE, sizeof(Step));

    for (guint i = reload->done; i-- > 0;) {
        const Step *step = &g_array_index(reload->steps, Step, i);
        Step back = {opposites[step->deed], step->entry, true};

        g_array_append_val(steps, back);
    }
    g_array_unref(reload->steps);
    reload->steps = steps;
    reload->done = 0;
    find_first_creation(reload);
    reload->undoing = true;
}

/* A step failed.  While undoing, the others are still done. */
static void
step_failed(VtReload *reload, GError *error)
{
    if (!reload->undoing) {
        reload->error = error;
        turn_back(reload);
        return;
    }
    g_prefix_error(&reload->error, "%s; before that: ", error->message);
    g_error_free(error);
    reload->done++;
}

/* Goes on until a step, or a release of what was removed, has to wait. */
static void
reload_go_on(void *opaque)
{
    VtReload *reload = opaque;

    while (reload->done < reload->steps->len) {
        GError *error = NULL;
        bool ok;

        /* What comes may need what went: an address, a lock. */
        if (reload->done >= reload->n_first && vt_awaits_releasing(reload->awaits)) {
            return;
        }
        vt_awaits_enter(reload->awaits);
        ok = do_step(reload, &g_array_index(reload->steps, Step, reload->done), &error);
        vt_awaits_enter(NULL);
        if (ok) {
            reload->done++;
        } else if (vt_awaits_pending(reload->awaits)) {
            g_error_free(error);
            return;
        } else {
            step_failed(reload, error);
        }
    }
    if (reload->func) {
        VtReloadFunc func = reload->func;

        reload->func = NULL;
        func(reload->error, reload->opaque);
    }
}

/* ---- interface ----------------------------------------------------------------------------------------- */

VtReload *
vt_reload_new(VtVm *vm, const VtVm *next, GHashTable *owned, GError **error)
{
    g_autoptr(VtReload) reload = g_new0(VtReload, 1);

    vt_assert_main();
    reload->vm = vm;
    reload->entries = g_ptr_array_new_with_free_func((GDestroyNotify)difference_free);
    reload->by_name = g_hash_table_new(g_str_hash, g_str_equal);
    reload->steps = g_array_new(FALSE, FALSE, sizeof(Step));
    reload->result = (VtReloaded){g_ptr_array_new(), g_ptr_array_new(), g_ptr_array_new()};
    if (!compare_plans(reload, next, owned, error) || !refuse_devices(reload, next, error) ||
        !settle_users(reload, error)) {
        return NULL;
    }
    list_steps(reload, next);
    return g_steal_pointer(&reload);
}

void
vt_reload_start(VtReload *reload, VtReloadFunc func, void *opaque)
{
    vt_assert_main();
    reload->func = func;
    reload->opaque = opaque;
    reload->awaits = vt_awaits_new(reload_go_on, reload);
    reload_go_on(reload);
}

const VtReloaded *
vt_reload_result(const VtReload *reload)
{
    return &reload->result;
}

void
vt_reload_free(VtReload *reload)
{
    if (!reload) {
        return;
    }
    vt_awaits_free(reload->awaits);
    g_array_unref(reload->steps);
    g_ptr_array_unref(reload->result.added);
    g_ptr_array_unref(reload->result.changed);
    g_ptr_array_unref(reload->result.removed);
    g_hash_table_unref(reload->by_name);
    g_ptr_array_unref(reload->entries);
    g_clear_error(&reload->error);
    g_free(reload);
}

GHashTable *
vt_reload_names(const VtVm *vm)
{
    GHashTable *names = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_autoptr(GPtrArray) objects = vt_vm_in_order(vm);

    for (guint i = 0; i < objects->len; i++) {
        if (!vt_object_is_inline(objects->pdata[i])) {
            g_hash_table_add(names, reload_name(objects->pdata[i]));
        }
    }
    return names;
}
