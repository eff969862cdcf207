/* SPDX-License-Identifier: MIT */
/*
 * QOM paths: /machine, /machine/peripheral/ID, /machine/peripheral-anon/device[N], /machine/unattached/device[N] of
 * what the machine brings, /objects/ID, /chardevs/ID, /backend/KIND/ID.  Embedded children and buses are below their
 * object, by name.
 */
#include <string.h>

#include "object/object-private.h"
#include "schema/qom-type.h"

char *
vt_object_qom_type(const VtObject *object)
{
    const VtMachineName *machine = vt_context_machine(object->vm->ctx);

    return vt_qom_object_type(&object->class->info, machine ? machine->version : 0);
}

#define PARTS_MAX 1024

static char *
container_of_kind(const char *kind, bool anonymous)
{
    if (strcmp(kind, "device") == 0) {
        return g_strdup(anonymous ? "/machine/peripheral-anon" : "/machine/peripheral");
    }
    if (strcmp(kind, "object") == 0) {
        return g_strdup("/objects");
    }
    if (strcmp(kind, "chardev") == 0) {
        return g_strdup("/chardevs");
    }
    return g_strdup_printf("/backend/%s", kind);
}

char *
vt_object_path(const VtObject *object)
{
    g_autofree char *up = NULL;
    g_autofree char *name = NULL;

    if (object == object->vm->machine) {
        return g_strdup("/machine");
    }
    if (object->embedder) {
        const VtObject *parent = object->embedder;

        up = vt_object_path(parent);
        for (size_t i = 0; i < parent->class->info.n_children; i++) {
            if (parent->children[i] == object) {
                return g_strdup_printf("%s/%s", up, parent->class->info.child_names[i]);
            }
        }
        g_assert_not_reached();
    }
    if (vt_part_is(object)) {
        name = vt_part_name(object);
        return g_strconcat(VT_PARTS "/", name, NULL);
    }
    up = container_of_kind(object->class->info.kind, !object->config->id);
    name = vt_objects_name(object);
    return g_strdup_printf("%s/%s", up, name);
}

/* Finds an object by ID or KIND[N]. */
static VtObject *
find_named(const VtVm *vm, const char *kind, const char *name)
{
    VtKindMap *map = vt_objects_kind(vm, kind);
    size_t len = strlen(kind);
    guint64 number;
    VtObject *object;

    if (!map) {
        return NULL;
    }
    object = vt_id_map_find(&map->ids, name);
    if (object || strncmp(name, kind, len) != 0 || !vt_parse_number(name + len, &number)) {
        return object;
    }
    return g_hash_table_lookup(map->numbers, GUINT_TO_POINTER((guint)number + 1));
}

static VtObject *
descend(VtObject *object, char *const *parts)
{
    for (; object && *parts; parts++) {
        object = vt_object_child(object, *parts);
    }
    return object;
}

/* @parts: the components of an absolute path. */
static VtObject *
find_absolute(const VtVm *vm, char *const *parts)
{
    if (!parts[0]) {
        return NULL;
    }
    if (strcmp(parts[0], "machine") == 0) {
        if (parts[1] && parts[2] && g_str_has_prefix(parts[1], "peripheral")) {
            VtObject *object = find_named(vm, "device", parts[2]);
            bool anonymous = strcmp(parts[1], "peripheral-anon") == 0;

            if (object && !object->config->id == anonymous && !vt_part_is(object)) {
                VtObject *thread = vt_part_thread(object, parts[3]);

                return thread ? descend(thread, parts + 4) : descend(object, parts + 3);
            }
            return NULL;
        }
        if (parts[1] && parts[2] && strcmp(parts[1], "unattached") == 0) {
            char *const *rest = parts + 2;
            VtObject *object = vt_parts_find(vm, &rest);

            return descend(object, rest);
        }
        return vm->machine ? descend(vm->machine, parts + 1) : NULL;
    }
    if (strcmp(parts[0], "objects") == 0) {
        return parts[1] ? descend(find_named(vm, "object", parts[1]), parts + 2) : NULL;
    }
    if (strcmp(parts[0], "chardevs") == 0) {
        return parts[1] ? descend(find_named(vm, "chardev", parts[1]), parts + 2) : NULL;
    }
    if (strcmp(parts[0], "backend") == 0 && parts[1] && parts[2]) {
        return descend(find_named(vm, parts[1], parts[2]), parts + 3);
    }
    return NULL;
}

/* An object is not as deep as the limit: the rest of a longer path, as one part, names nothing. */
static char **
split(const char *path)
{
    GPtrArray *parts = g_ptr_array_new();
    g_auto(GStrv) raw = g_strsplit(path, "/", PARTS_MAX);

    for (char **p = raw; *p; p++) {
        if (**p) {
            g_ptr_array_add(parts, g_strdup(*p));
        }
    }
    g_ptr_array_add(parts, NULL);
    return (char **)g_ptr_array_free(parts, FALSE);
}

/* Records a match in *@found.  Returns false if another object matched before: the path is ambiguous. */
static bool
note(VtObject **found, VtObject *object)
{
    if (object && *found && *found != object) {
        return false;
    }
    if (object) {
        *found = object;
    }
    return true;
}

static bool
search_children(VtObject *object, char *const *parts, VtObject **found)
{
    for (size_t i = 0; i < object->class->info.n_children; i++) {
        if (strcmp(object->class->info.child_names[i], parts[0]) == 0 &&
            !note(found, descend(object->children[i], parts + 1))) {
            return false;
        }
        if (!search_children(object->children[i], parts, found)) {
            return false;
        }
    }
    return true;
}

static bool
has_child(const VtClassInfo *info, const char *name)
{
    for (size_t i = 0; i < info->n_children; i++) {
        if (strcmp(info->child_names[i], name) == 0 || has_child(info->children[i], name)) {
            return true;
        }
    }
    return false;
}

/* Whether the class of any object so far has such a child. */
static bool
any_has_child(const VtVm *vm, const char *name)
{
    GHashTableIter iter;
    void *memory;

    g_hash_table_iter_init(&iter, vm->classes);
    while (g_hash_table_iter_next(&iter, NULL, &memory)) {
        if (has_child(&((const VtClassMemory *)memory)->class->info, name)) {
            return true;
        }
    }
    return false;
}

static VtObject *
find_partial(const VtVm *vm, const char *path, char *const *parts)
{
    static const char *const prefixes[] = {"/", "/machine/", "/backend/"};
    g_autoptr(GArray) keys = NULL;
    VtObject *found = NULL;

    if (!parts[0]) {
        return NULL;
    }
    for (size_t i = 0; i < G_N_ELEMENTS(prefixes); i++) {
        g_autofree char *absolute = g_strconcat(prefixes[i], path, NULL);
        g_auto(GStrv) whole = split(absolute);

        if (!note(&found, find_absolute(vm, whole))) {
            return NULL;
        }
    }
    for (guint i = 0; i < vm->kinds->len; i++) {
        VtObject *object = find_named(vm, g_array_index(vm->kinds, VtKindMap, i).name, parts[0]);

        if (object && !note(&found, descend(object, parts + 1))) {
            return NULL;
        }
    }
    if (!any_has_child(vm, parts[0])) {
        return found;
    }
    keys = vt_vm_objects(vm);
    for (guint i = 0; i < keys->len; i++) {
        if (!search_children(g_array_index(keys, VtEntryKey, i).object, parts, &found)) {
            return NULL;
        }
    }
    return found;
}

VtObject *
vt_vm_resolve_path(const VtVm *vm, const char *path)
{
    g_auto(GStrv) parts = split(path);

    return path[0] == '/' ? find_absolute(vm, parts) : find_partial(vm, path, parts);
}

/* ---- listing ---------------------------------------------------------------------------------------- */

static void
list_object(const VtObject *object, VtTreeFunc func, void *opaque)
{
    const VtClassInfo *info = &object->class->info;

    for (size_t i = 0; i < info->n_children; i++) {
        func(info->child_names[i], info->children[i]->name, opaque);
    }
    for (size_t i = 0; i < object->n_provides; i++) {
        func(object->provides[i]->name, object->provides[i]->type, opaque);
    }
}

static void
list_kind(const VtVm *vm, const char *kind, const char *container, VtTreeFunc func, void *opaque)
{
    g_autoptr(GArray) keys = vt_vm_objects(vm);

    for (guint i = 0; i < keys->len; i++) {
        VtObject *object = g_array_index(keys, VtEntryKey, i).object;
        g_autofree char *here = container_of_kind(object->class->info.kind, !object->config->id);
        g_autofree char *name = vt_objects_name(object);

        if (object != vm->machine && strcmp(object->class->info.kind, kind) == 0 && strcmp(here, container) == 0 &&
            !vt_part_is(object)) {
            func(name, object->class->info.name, opaque);
        }
    }
}

static void
list_backend_kinds(const VtVm *vm, VtTreeFunc func, void *opaque)
{
    for (guint i = 0; i < vm->kinds->len; i++) {
        const char *kind = g_array_index(vm->kinds, VtKindMap, i).name;
        g_autofree char *container = container_of_kind(kind, false);

        if (g_str_has_prefix(container, "/backend/")) {
            func(kind, "container", opaque);
        }
    }
}

bool
vt_vm_each_child(const VtVm *vm, const char *path, VtTreeFunc func, void *opaque)
{
    g_auto(GStrv) parts = split(path);
    g_autofree char *whole = NULL;
    g_autofree char *clean = NULL;
    VtObject *object = vt_vm_resolve_path(vm, path);

    if (object) {
        list_object(object, func, opaque);
        if (object == vm->machine) {
            func("peripheral", "container", opaque);
            func("peripheral-anon", "container", opaque);
            func("unattached", "container", opaque);
        }
        vt_part_list_threads(vm, object, func, opaque);
        return true;
    }
    whole = g_strjoinv("/", parts);
    clean = g_strconcat("/", whole, NULL);
    if (strcmp(clean, "/") == 0) {
        if (vm->machine) {
            g_autofree char *type = vt_object_qom_type(vm->machine);

            func("machine", type, opaque);
        }
        func("objects", "container", opaque);
        func("chardevs", "container", opaque);
        func("backend", "container", opaque);
    } else if (strcmp(clean, "/backend") == 0) {
        list_backend_kinds(vm, func, opaque);
    } else if (vm->machine && strcmp(clean, VT_PARTS) == 0) {
        vt_parts_list(vm, func, opaque);
    } else if (vm->machine && g_str_has_prefix(clean, "/machine/peripheral")) {
        list_kind(vm, "device", clean, func, opaque);
        return strcmp(clean, "/machine/peripheral") == 0 || strcmp(clean, "/machine/peripheral-anon") == 0;
    } else if (strcmp(clean, "/objects") == 0 || strcmp(clean, "/chardevs") == 0) {
        list_kind(vm, clean[1] == 'o' ? "object" : "chardev", clean, func, opaque);
    } else if (parts[0] && strcmp(parts[0], "backend") == 0 && parts[1] && !parts[2]) {
        list_kind(vm, parts[1], clean, func, opaque);
        return vt_objects_kind(vm, parts[1]) != NULL;
    } else {
        return false;
    }
    return true;
}
