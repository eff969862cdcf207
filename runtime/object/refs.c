/* SPDX-License-Identifier: MIT */
/*
 * References: resolve ids to objects of the tree and of the batch.
 */
#include <stdlib.h>
#include <string.h>

#include "object/object-private.h"
#include "vt-runtime/error.h"

static const char *
article(const char *noun)
{
    return strchr("aeiou", noun[0]) ? "an" : "a";
}

static const char *
class_noun(const VtObject *object)
{
    return object->class->info.kind;
}

/* Sets the error "CONFIG: PATH: …". */
static bool
fail(const VtObject *object, const char *path, GError **error, const char *format, ...)
{
    g_autofree char *text = NULL;
    const char *where = object->config->where;
    va_list args;

    va_start(args, format);
    text = g_strdup_vprintf(format, args);
    va_end(args);
    return vt_error_set(error, "%s%s%s: %s", where ? where : "", where ? ": " : "", path, text);
}

/* ---- finding the target ------------------------------------------------------------------------------ */

static VtObject *
find_anywhere(const VtVm *vm, const char *id)
{
    for (guint i = 0; i < vm->kinds->len; i++) {
        VtObject *object = vt_id_map_find(&g_array_index(vm->kinds, VtKindMap, i).ids, id);

        if (object) {
            return object;
        }
    }
    return NULL;
}

static int
compare_names(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The name nearest to @word.  Sorts @names. */
static const char *
nearest_of(GPtrArray *names, const char *word)
{
    if (names->len) {
        qsort(names->pdata, names->len, sizeof(void *), compare_names);
    }
    g_ptr_array_add(names, NULL);
    return vt_nearest(word, (const char *const *)names->pdata);
}

static const char *
nearest_id(const VtIdMap *map, const char *word, const VtClassInfo *class)
{
    g_autoptr(GPtrArray) names = g_ptr_array_new();
    VtObject *object = NULL;

    while ((object = vt_id_map_next(map, object))) {
        if (vt_class_is_a(&object->class->info, class)) {
            g_ptr_array_add(names, object->config->id);
        }
    }
    return nearest_of(names, word);
}

static const char *
nearest_bus(const VtVm *vm, const char *word)
{
    g_autoptr(GPtrArray) names = g_ptr_array_new();
    GHashTableIter iter;
    void *name;

    g_hash_table_iter_init(&iter, vm->bus_names);
    while (g_hash_table_iter_next(&iter, &name, NULL)) {
        g_ptr_array_add(names, name);
    }
    return nearest_of(names, word);
}

static bool
missing(const VtObject *object, const char *path, const char *noun, const char *id, const char *nearest, GError **error)
{
    if (nearest && id[0]) {
        return fail(object, path, error, "no %s '%s'; did you mean '%s'?", noun, id, nearest);
    }
    return fail(object, path, error, "no %s '%s'", noun, id);
}

static VtObject *
find_by_class(VtObject *object, const char *path, const VtClassInfo *class, const char *id, GError **error)
{
    const VtVm *vm = object->vm;
    VtKindMap *map = vt_objects_kind(vm, class->kind);
    VtObject *target = map ? vt_id_map_find(&map->ids, id) : NULL;

    if (!target && id[0] == '/') {
        target = vt_vm_resolve_path(vm, id);
    }
    if (!target) {
        target = find_anywhere(vm, id);
        if (!target) {
            missing(object, path, class->kind, id, map ? nearest_id(&map->ids, id, class) : NULL, error);
            return NULL;
        }
        fail(object, path, error, "expected %s %s, got %s '%s'", article(class->kind), class->kind, class_noun(target),
             id);
        return NULL;
    }
    if (!vt_class_is_a(&target->class->info, class)) {
        fail(object, path, error, "expected %s %s, got %s '%s'", article(class->name), class->name,
             target->class->info.tag, id);
        return NULL;
    }
    return target;
}

static VtObject *
find_target(VtObject *object, const char *path, const VtLayer *layer, const VtRefRow *row, const char *id,
            GError **error)
{
    const VtClassInfo *class = row->target ? vt_schema_class(object->vm->schema, vt_str(layer, row->target)) : NULL;
    VtObject *target;

    if (row->flags & VT_REF_BUS) {
        VtBus *bus = vt_vm_find_bus(object->vm, id);

        if (!bus) {
            missing(object, path, "bus", id, nearest_bus(object->vm, id), error);
            return NULL;
        }
        if (row->target && !vt_schema_bus_is_a(object->vm->schema, bus->type, vt_str(layer, row->target))) {
            fail(object, path, error, "expected %s %s bus, got %s bus '%s'", article(vt_str(layer, row->target)),
                 vt_str(layer, row->target), bus->type, id);
            return NULL;
        }
        return vt_object_top(bus->owner);
    }
    if (row->flags & VT_REF_QOM_PATH) {
        target = vt_vm_resolve_path(object->vm, id);
        if (!target) {
            fail(object, path, error, "no object at '%s'", id);
        } else if (class && !vt_class_is_a(&target->class->info, class)) {
            fail(object, path, error, "expected %s %s, got %s at '%s'", article(class->name), class->name,
                 target->class->info.tag, id);
            return NULL;
        }
        return target;
    }
    if (class) {
        return find_by_class(object, path, class, id, error);
    }
    target = find_anywhere(object->vm, id);
    if (!target) {
        missing(object, path, "object", id, NULL, error);
    }
    return target;
}

/* ---- users ------------------------------------------------------------------------------------------ */

static char *
title(const VtObject *user)
{
    if (user == user->vm->machine) {
        return g_strdup("the machine");
    }
    if (!user->config->id) {
        return g_strdup_printf("%s %s", class_noun(user), user->class->info.tag);
    }
    return g_strdup_printf("%s '%s'", class_noun(user), user->config->id);
}

static char *
use_title(const VtUse *use)
{
    return use->holder ? g_strdup(use->holder->title) : title(use->user);
}

char *
vt_refs_first_user(const VtObject *object)
{
    if (object->users.head) {
        return use_title(object->users.head->data);
    }
    for (size_t i = 0; i < object->n_provides; i++) {
        VtBus *bus = object->provides[i];

        for (guint k = 0; k < bus->devices->len; k++) {
            const VtObject *user = vt_object_const_top(bus->devices->pdata[k]);

            if (user != vt_object_const_top(object)) {
                return title(user);
            }
        }
    }
    for (size_t i = 0; i < object->class->info.n_children; i++) {
        char *user = vt_refs_first_user(object->children[i]);

        if (user) {
            return user;
        }
    }
    return NULL;
}

static VtUse *
add_use(VtObject *target, const VtUse *use)
{
    VtUse *own = g_memdup2(use, sizeof *use);

    own->link.data = own;
    g_queue_push_tail_link(&target->users, &own->link);
    if (own->exclusive) {
        target->exclusive = own;
    }
    return own;
}

static void
remove_use(VtObject *target, VtUse *use)
{
    g_queue_unlink(&target->users, &use->link);
    if (target->exclusive == use) {
        target->exclusive = NULL;
    }
    g_free(use);
}

void
vt_refs_hold(VtHolder *holder)
{
    const VtUse use = {.holder = holder};

    holder->use = add_use(holder->target, &use);
}

void
vt_refs_let_go(VtHolder *holder)
{
    remove_use(holder->target, holder->use);
}

static void
depend(VtObject *object, VtObject *target, VtUse *use)
{
    const VtTarget new = {target, use};

    if (!object->targets) {
        object->targets = g_array_sized_new(FALSE, FALSE, sizeof(VtTarget), 2);
    }
    g_array_append_val(object->targets, new);
}

static bool
use(VtObject *object, const char *path, VtObject *target, const char *member, bool exclusive, GError **error)
{
    VtObject *top = vt_object_top(target);
    VtUse new = {.user = object, .member = member};

    /* A multiplexer is for several users. */
    exclusive = exclusive && !(target->class->info.row->flags & VT_CLASS_SHARED);
    new.exclusive = exclusive;

    if (exclusive && target->exclusive) {
        g_autofree char *user = use_title(target->exclusive);

        return fail(object, path, error, "%s '%s' is already in use by %s", member, vt_object_display(target), user);
    }
    depend(object, target, add_use(target, &new));
    if (top != target) {
        depend(object, top, NULL);
    }
    return true;
}

/* ---- binding ---------------------------------------------------------------------------------------- */

static VtObject *
inline_object(const VtObject *object, const VtConfig *config)
{
    for (guint i = 0; object->inlines && i < object->inlines->len; i++) {
        VtObject *target = object->inlines->pdata[i];

        if (target->config == config) {
            return target;
        }
    }
    g_assert_not_reached();
}

/* Notes that the object shares the bus @id with its owner, unless it is a device on that bus. */
static void
join(const VtObject *object, const VtRow *row, const char *id)
{
    const VtProp *own = object->class->bus_prop;

    if (!own || own->row != row) {
        ((VtBusPrivate *)vt_vm_find_bus(object->vm, id))->joined = true;
    }
}

static bool
bind(VtConfig *config, const char *path, const VtLayer *layer, const VtRow *row, VtRef *ref, void *opaque,
     GError **error)
{
    const VtRefRow *ref_row = &layer->refs[layer->colds[row->cold].ref];
    VtObject *object = opaque, *target;

    (void)config;
    if (ref->inline_config) {
        target = inline_object(object, ref->inline_config);
    } else if (!ref->id) {
        return true; /* no value; an empty id is an error like any unknown id */
    } else {
        target = find_target(object, path, layer, ref_row, ref->id, error);
    }
    if (!target) {
        return false;
    }
    if (ref_row->flags & VT_REF_BUS) {
        /* VtBus.devices lists the devices of a bus, so the reference is no use. */
        depend(object, target, NULL);
        join(object, row, ref->id);
    } else if (!use(object, path, target, vt_str(layer, row->name), ref_row->flags & VT_REF_EXCLUSIVE, error)) {
        return false;
    }
    ref->target = target;
    return true;
}

bool
vt_refs_bind(VtObject *object, GError **error)
{
    if (!object->class->has_refs) {
        return true;
    }
    return vt_config_each_ref(object->config, bind, object, error);
}

/* Ends the use of @target by the member @member of @object. */
static void
drop_use(VtObject *object, const VtObject *target, const char *member)
{
    for (guint i = 0; object->targets && i < object->targets->len; i++) {
        const VtTarget *one = &g_array_index(object->targets, VtTarget, i);

        if (one->object == target && one->use && strcmp(one->use->member, member) == 0) {
            remove_use(one->object, one->use);
            g_array_remove_index(object->targets, i);
            return;
        }
    }
}

/* Whether @object comes after @before in the order of the VM. */
static bool
is_after(const VtObject *object, const VtObject *before)
{
    const GList *link = &before->link;

    while (link && link->data != object) {
        link = link->next;
    }
    return link;
}

/* Moves @target, and what it refers to, before @user in the order of the VM. */
static void
precede(VtObject *target, VtObject *user)
{
    if (!is_after(target, user)) {
        return;
    }
    for (guint i = 0; target->targets && i < target->targets->len; i++) {
        precede(g_array_index(target->targets, VtTarget, i).object, user);
    }
    g_queue_unlink(&user->vm->order, &target->link);
    g_queue_insert_before_link(&user->vm->order, &user->link, &target->link);
}

bool
vt_refs_rebind(VtObject *object, const VtLayer *layer, const VtRow *row, VtRef *ref, const char *id, GError **error)
{
    const char *member = vt_str(layer, row->name);
    VtRef new = {.id = g_strdup(id)};

    if (id && !bind(object->config, member, layer, row, &new, object, error)) {
        g_free(new.id);
        return false;
    }
    drop_use(object, ref->target, member);
    g_free(ref->id);
    *ref = new;
    if (new.target) {
        precede(new.target, object);
    }
    return true;
}

bool
vt_object_refer(VtObject *object, const char *path, const char *class, const char *id, GError **error)
{
    VtObject *target = find_by_class(object, path, vt_schema_class(object->vm->schema, class), id, error);

    return target && use(object, path, target, class, true, error);
}

static bool
unbind(VtConfig *config, const char *path, const VtLayer *layer, const VtRow *row, VtRef *ref, void *opaque,
       GError **error)
{
    (void)config, (void)path, (void)layer, (void)row, (void)opaque, (void)error;
    ref->target = NULL;
    return true;
}

void
vt_refs_unbind(VtObject *object)
{
    for (guint i = 0; object->targets && i < object->targets->len; i++) {
        const VtTarget *target = &g_array_index(object->targets, VtTarget, i);

        if (target->use) {
            remove_use(target->object, target->use);
        }
    }
    g_clear_pointer(&object->targets, g_array_unref);
    vt_index_leave_all(object);
    if (object->class->has_refs) {
        vt_config_each_ref(object->config, unbind, NULL, NULL);
    }
}
