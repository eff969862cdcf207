/* SPDX-License-Identifier: MIT */
/*
 * The object tree: objects by kind and id, buses by name.
 */
#include <stdlib.h>
#include <string.h>

#include "object/object-private.h"
#include "sorted.h"
#include "vt-runtime/error.h"

int
vt_buses_compare(const void *a, const void *b)
{
    const VtBusPrivate *x = a, *y = b;

    return x->serial < y->serial ? -1 : x->serial > y->serial;
}

VtKindMap *
vt_objects_kind(const VtVm *vm, const char *kind)
{
    for (guint i = 0; i < vm->kinds->len; i++) {
        VtKindMap *map = &g_array_index(vm->kinds, VtKindMap, i);

        if (map->name == kind || strcmp(map->name, kind) == 0) {
            return map;
        }
    }
    return NULL;
}

static VtKindMap *
make_kind(VtVm *vm, const char *kind)
{
    VtKindMap *map = vt_objects_kind(vm, kind);
    VtKindMap new = {.name = kind};

    if (map) {
        return map;
    }
    new.numbers = g_hash_table_new(NULL, NULL);
    g_array_append_val(vm->kinds, new);
    return &g_array_index(vm->kinds, VtKindMap, vm->kinds->len - 1);
}

bool
vt_objects_add(VtVm *vm, VtObject *object, GError **error)
{
    VtKindMap *map = make_kind(vm, object->class->info.kind);
    char *id = object->config->id;

    if (!id) {
        g_queue_push_tail_link(&map->anonymous, &object->nameless);
        return true;
    }
    if (!vt_id_map_add(&map->ids, object)) {
        return vt_error_set(error, "%s%s%s '%s' already exists", object->config->where ? object->config->where : "",
                            object->config->where ? ": " : "", map->name, id);
    }
    return true;
}

void
vt_objects_remove(VtVm *vm, VtObject *object)
{
    VtKindMap *map = vt_objects_kind(vm, object->class->info.kind);
    char *id = object->config->id;

    if (!map) {
        return;
    }
    if (!id) {
        g_queue_unlink(&map->anonymous, &object->nameless);
        g_hash_table_remove(map->numbers, GUINT_TO_POINTER(object->number));
    } else {
        vt_id_map_remove(&map->ids, object);
    }
}

void
vt_objects_number(VtObject *object)
{
    if (!object->config->id && !object->number) {
        VtKindMap *map = make_kind(object->vm, object->class->info.kind);

        object->number = ++map->next;
        g_hash_table_insert(map->numbers, GUINT_TO_POINTER(object->number), object);
    }
}

char *
vt_objects_name(const VtObject *object)
{
    if (object->config->id) {
        return g_strdup(object->config->id);
    }
    return g_strdup_printf("%s[%u]", object->class->info.kind, object->number ? object->number - 1 : 0);
}

VtObject *
vt_vm_find(const VtVm *vm, const char *kind, const char *id)
{
    VtKindMap *map = vt_objects_kind(vm, kind);

    return map ? vt_id_map_find(&map->ids, id) : NULL;
}

void
vt_vm_each(const VtVm *vm, const char *kind, VtObjectFunc func, void *opaque)
{
    const VtKindMap *map = vt_objects_kind(vm, kind);
    VtObject *object = NULL;

    for (GList *link = map ? map->anonymous.head : NULL; link; link = link->next) {
        if (!func(link->data, opaque)) {
            return;
        }
    }
    while (map && (object = vt_id_map_next(&map->ids, object)) && func(object, opaque)) {
    }
}

GPtrArray *
vt_vm_in_order(const VtVm *vm)
{
    GPtrArray *objects = g_ptr_array_new();

    for (GList *link = vm->order.head; link; link = link->next) {
        g_ptr_array_add(objects, link->data);
    }
    return objects;
}

/* ---- buses ------------------------------------------------------------------------------------------ */

/* Buses of the type that devices can plug into. */
static GPtrArray *
buses_of_type(const VtVm *vm, const char *type)
{
    GPtrArray *buses = g_hash_table_lookup(vm->buses, type);

    if (!buses) {
        buses = g_ptr_array_new();
        g_hash_table_insert(vm->buses, g_strdup(type), buses);
    }
    return buses;
}

/* Several virtio devices may have buses of one name.  The name refers to the oldest bus. */
void
vt_objects_add_bus(VtVm *vm, VtBus *bus)
{
    VtBusPrivate *private = (VtBusPrivate *)bus;
    VtBusPrivate *first = g_hash_table_lookup(vm->bus_names, bus->name);

    if (!private->internal) {
        vt_sorted_insert(buses_of_type(vm, bus->type), bus, vt_buses_compare);
    }
    if (!first) {
        g_hash_table_insert(vm->bus_names, bus->name, bus);
        return;
    }
    private->previous = &first->bus;
    private->next = first->next;
    if (first->next) {
        ((VtBusPrivate *)first->next)->previous = bus;
    }
    first->next = bus;
}

void
vt_objects_remove_bus(VtVm *vm, VtBus *bus)
{
    VtBusPrivate *private = (VtBusPrivate *)bus;
    VtBus *next = private->next;

    if (!private->internal) {
        vt_sorted_remove(buses_of_type(vm, bus->type), bus, vt_buses_compare);
    }
    if (next) {
        ((VtBusPrivate *)next)->previous = private->previous;
    }
    if (private->previous) {
        ((VtBusPrivate *)private->previous)->next = next;
        return;
    }
    g_hash_table_remove(vm->bus_names, bus->name);
    if (next) {
        g_hash_table_insert(vm->bus_names, next->name, next);
    }
}

VtBus *
vt_vm_find_bus(const VtVm *vm, const char *name)
{
    return g_hash_table_lookup(vm->bus_names, name);
}

/* ---- keys ------------------------------------------------------------------------------------------- */

/* Sorts "pci.9" before "pci.10". */
int
vt_natural_compare(const char *a, const char *b)
{
    while (*a && *b) {
        if (g_ascii_isdigit(*a) && g_ascii_isdigit(*b)) {
            size_t n, m;

            for (; *a == '0'; a++) {
            }
            for (; *b == '0'; b++) {
            }
            for (n = 0; g_ascii_isdigit(a[n]); n++) {
            }
            for (m = 0; g_ascii_isdigit(b[m]); m++) {
            }
            if (n != m) {
                return n < m ? -1 : 1;
            }
            if (n && strncmp(a, b, n) != 0) {
                return strncmp(a, b, n);
            }
            a += n;
            b += m;
        } else if (*a != *b) {
            return (unsigned char)*a < (unsigned char)*b ? -1 : 1;
        } else {
            a++;
            b++;
        }
    }
    return *a ? 1 : *b ? -1 : 0;
}

/* The order of kinds in a report.  Kinds that are not listed come between 'block-node' and 'device'. */
static const char *const kind_order[] = {"object", "chardev", "netdev", "block-node", "device"};

static unsigned
kind_rank(const char *kind)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(kind_order); i++) {
        if (strcmp(kind_order[i], kind) == 0) {
            return i * 2;
        }
    }
    return G_N_ELEMENTS(kind_order) * 2 - 3;
}

static int
compare_kinds(const void *a, const void *b)
{
    const VtKindMap *x = *(VtKindMap *const *)a, *y = *(VtKindMap *const *)b;
    unsigned p = kind_rank(x->name), q = kind_rank(y->name);

    return p != q ? (p < q ? -1 : 1) : strcmp(x->name, y->name);
}

static int
compare_keys(const void *a, const void *b)
{
    const VtEntryKey *x = a, *y = b;
    int order = vt_natural_compare(x->key, y->key);

    return order ? order : strcmp(x->key, y->key);
}

static char *
make_key(const VtVm *vm, const VtKindMap *map, const VtObject *object)
{
    const char *id = object->config->id;

    if (!id) {
        return vt_objects_name(object);
    }
    for (guint i = 0; i < vm->kinds->len; i++) {
        VtKindMap *other = &g_array_index(vm->kinds, VtKindMap, i);

        if (other != map && vt_id_map_find(&other->ids, id)) {
            return g_strdup_printf("%s:%s", map->name, id);
        }
    }
    return g_strdup(id);
}

static void
add_kind(const VtVm *vm, const VtKindMap *map, GArray *keys)
{
    guint first = keys->len;
    VtObject *object = NULL;

    while ((object = vt_id_map_next(&map->ids, object))) {
        VtEntryKey key = {make_key(vm, map, object), object};

        g_array_append_val(keys, key);
    }
    for (GList *link = map->anonymous.head; link; link = link->next) {
        VtEntryKey key = {make_key(vm, map, link->data), link->data};

        g_array_append_val(keys, key);
    }
    if (keys->len > first) {
        qsort(&g_array_index(keys, VtEntryKey, first), keys->len - first, sizeof(VtEntryKey), compare_keys);
    }
}

static void
clear_key(void *key)
{
    g_free(((VtEntryKey *)key)->key);
}

GArray *
vt_vm_objects(const VtVm *vm)
{
    GArray *keys = g_array_new(FALSE, FALSE, sizeof(VtEntryKey));
    g_autoptr(GPtrArray) kinds = g_ptr_array_new();

    g_array_set_clear_func(keys, clear_key);
    if (vm->machine) {
        VtEntryKey key = {g_strdup("/machine"), vm->machine};

        g_array_append_val(keys, key);
    }
    for (guint i = 0; i < vm->kinds->len; i++) {
        g_ptr_array_add(kinds, &g_array_index(vm->kinds, VtKindMap, i));
    }
    if (kinds->len) {
        qsort(kinds->pdata, kinds->len, sizeof(void *), compare_kinds);
    }
    for (guint i = 0; i < kinds->len; i++) {
        add_kind(vm, kinds->pdata[i], keys);
    }
    return keys;
}
