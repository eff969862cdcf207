/* SPDX-License-Identifier: MIT */
/*
 * The order of creation: references before their users.  The command line orders only objects that are otherwise
 * independent.
 */
#include "object/object-private.h"
#include "vt-runtime/error.h"

enum { MARK_NONE, MARK_IN_BATCH, MARK_ON_PATH, MARK_DONE };

/* Objects that provide buses of a type, for devices that name no bus. */
typedef struct Providers {
    const char *type;
    GPtrArray *owners; /* in order of creation */
    GArray *bases;     /* of unsigned: for owner N, the highest base of the owners 0 to N */
    VtObject *first;   /* first owner that was not ordered yet when the walk began; NULL: none */
    bool is_there;     /* an owner is ordered already */
} Providers;

typedef struct Walk {
    GPtrArray *path;
    GPtrArray *sorted;
    GPtrArray *providers; /* of Providers, one for each bus type */
    bool alone;           /* the batch has one object, which waits for no other */
} Walk;

static void
providers_free(void *opaque)
{
    Providers *providers = opaque;

    g_ptr_array_unref(providers->owners);
    g_array_unref(providers->bases);
    g_free(providers);
}

/* The first owner that is not ordered yet.  NULL: none, or another owner is ordered already. */
static VtObject *
first_to_come(Providers *providers)
{
    VtObject *first = NULL;

    for (guint i = 0; !providers->is_there && i < providers->owners->len; i++) {
        VtObject *owner = providers->owners->pdata[i];

        if (owner->mark == MARK_IN_BATCH) {
            first = first ? first : owner;
        } else {
            providers->is_there = owner == owner->vm->machine || owner->done || owner->mark == MARK_DONE;
        }
    }
    return providers->is_there ? NULL : first;
}

/* The providers for the object.  NULL: it names its bus, or requires none. */
static Providers *
providers_of(Walk *walk, const VtObject *object)
{
    const char *type = object->class->plugs_into;
    Providers *providers;

    if (!type || vt_place_named_bus(object)) {
        return NULL;
    }
    for (guint i = 0; i < walk->providers->len; i++) {
        providers = walk->providers->pdata[i];
        if (providers->type == type) {
            return providers;
        }
    }
    providers = g_new0(Providers, 1);
    providers->type = type;
    providers->owners = vt_place_providers(object);
    providers->bases = g_array_new(FALSE, FALSE, sizeof(unsigned));
    providers->first = first_to_come(providers);
    g_ptr_array_add(walk->providers, providers);
    return providers;
}

static bool
cycle_error(const Walk *walk, const VtObject *object, GError **error)
{
    g_autoptr(GString) text = g_string_new(NULL);
    guint first = 0;

    while (walk->path->pdata[first] != object) {
        first++;
    }
    for (guint i = first; i < walk->path->len; i++) {
        g_string_append_printf(text, "%s -> ", vt_object_display(walk->path->pdata[i]));
    }
    g_string_append(text, vt_object_display(object));
    return vt_error_set(error, "references form a cycle: %s", text->str);
}

/* ---- turns -------------------------------------------------------------------------------------------- */

enum { TURN_UNKNOWN = G_MAXUINT16, TURN_ON_PATH = G_MAXUINT16 - 1 };

static unsigned turn_of(Walk *walk, VtObject *object);

/* Devices on the owner's buses have their turns after this one: the owner's turn, rounded down to an even number. */
static unsigned
base_of(Walk *walk, VtObject *owner)
{
    return owner->mark == MARK_IN_BATCH ? turn_of(walk, owner) & ~1u : 0;
}

/* The highest base of owners that are older than the object. */
static unsigned
highest_base(Walk *walk, Providers *providers, const VtObject *object)
{
    GArray *bases = providers->bases;
    unsigned highest = 0;
    guint low = 0, high = providers->owners->len;

    while (low < high) {
        guint middle = low + (high - low) / 2;

        if (((VtObject *)providers->owners->pdata[middle])->serial < object->serial) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    if (low && low <= bases->len) {
        return g_array_index(bases, unsigned, low - 1);
    }
    for (guint i = 0; i < low; i++) {
        VtObject *owner = providers->owners->pdata[i];

        if (i == 0 && bases->len) {
            i = bases->len - 1;
            highest = g_array_index(bases, unsigned, i);
            continue;
        }
        highest = MAX(highest, base_of(walk, owner));
        if (owner->turn != TURN_ON_PATH && i == bases->len) {
            g_array_append_val(bases, highest);
        }
    }
    return highest;
}

/* The turn of an object.  Turn 0: no bus, or a part of the board, in the order of the parts.  Turn 1: configured
 * addresses.  Turn 2: automatic addresses.  Then the same for devices on the buses of these devices. */
static unsigned
turn_of(Walk *walk, VtObject *object)
{
    Providers *providers;
    unsigned base = 0;

    if (object->turn == TURN_ON_PATH || !object->class->plugs_into) {
        return 0;
    }
    if (object->turn != TURN_UNKNOWN) {
        return object->turn;
    }
    object->turn = TURN_ON_PATH;
    providers = providers_of(walk, object);
    if (!providers) {
        base = base_of(walk, vt_object_top(vt_place_named_bus(object)->owner));
    } else {
        base = highest_base(walk, providers, object);
        if (!providers->is_there && providers->first) {
            base = MAX(base, base_of(walk, providers->first));
        }
    }
    base += object->config->of_board ? 0 : vt_place_is_fixed(object) ? 1 : 2;
    object->turn = (uint16_t)MIN(base, TURN_ON_PATH - 1);
    return object->turn;
}

/* ---- depth-first walk --------------------------------------------------------------------------------- */

static bool
visit(Walk *walk, VtObject *object, GError **error)
{
    Providers *providers;
    VtObject *owner;

    if (object->mark == MARK_NONE || object->mark == MARK_DONE) {
        return true;
    }
    if (object->mark == MARK_ON_PATH) {
        return cycle_error(walk, object, error);
    }
    if (!object->targets && !object->class->plugs_into) {
        object->mark = MARK_DONE;
        g_ptr_array_add(walk->sorted, object);
        return true;
    }
    object->mark = MARK_ON_PATH;
    g_ptr_array_add(walk->path, object);
    for (guint i = 0; object->targets && i < object->targets->len; i++) {
        if (!visit(walk, vt_object_top(g_array_index(object->targets, VtTarget, i).object), error)) {
            return false;
        }
    }
    providers = walk->alone ? NULL : providers_of(walk, object);
    owner = providers ? first_to_come(providers) : NULL;
    if (owner && !visit(walk, owner, error)) {
        return false;
    }
    g_ptr_array_set_size(walk->path, (int)walk->path->len - 1);
    object->mark = MARK_DONE;
    g_ptr_array_add(walk->sorted, object);
    return true;
}

static int
compare_turns(const void *a, const void *b)
{
    const VtObject *x = *(VtObject *const *)a, *y = *(VtObject *const *)b;

    if (x->turn != y->turn) {
        return x->turn < y->turn ? -1 : 1;
    }
    return x->serial < y->serial ? -1 : x->serial > y->serial;
}

static bool
is_sorted(const GPtrArray *objects)
{
    for (guint i = 1; i < objects->len; i++) {
        if (compare_turns(&objects->pdata[i - 1], &objects->pdata[i]) > 0) {
            return false;
        }
    }
    return true;
}

static bool
visit_by_turns(Walk *walk, GPtrArray *objects, GError **error)
{
    g_autoptr(GPtrArray) by_turn = g_ptr_array_copy(objects, NULL, NULL);
    bool ok = true;

    for (guint i = 0; i < objects->len; i++) {
        VtObject *object = objects->pdata[i];

        object->turn = (uint16_t)turn_of(walk, object);
    }
    if (!is_sorted(by_turn)) {
        g_ptr_array_sort(by_turn, compare_turns);
    }
    for (guint i = 0; ok && i < by_turn->len; i++) {
        ok = visit(walk, by_turn->pdata[i], error);
    }
    return ok;
}

bool
vt_order_objects(GPtrArray *objects, GError **error)
{
    g_autoptr(GPtrArray) path = g_ptr_array_new();
    g_autoptr(GPtrArray) sorted = g_ptr_array_sized_new(objects->len);
    g_autoptr(GPtrArray) providers = g_ptr_array_new_with_free_func(providers_free);
    Walk walk = {path, sorted, providers, objects->len == 1};
    bool ok;

    for (guint i = 0; i < objects->len; i++) {
        VtObject *object = objects->pdata[i];

        object->mark = MARK_IN_BATCH;
        object->turn = TURN_UNKNOWN;
    }
    ok = walk.alone ? visit(&walk, objects->pdata[0], error) : visit_by_turns(&walk, objects, error);
    for (guint i = 0; i < objects->len; i++) {
        ((VtObject *)objects->pdata[i])->mark = MARK_NONE;
    }
    for (guint i = 0; ok && i < sorted->len; i++) {
        objects->pdata[i] = sorted->pdata[i];
    }
    return ok;
}
