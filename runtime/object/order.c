/* SPDX-License-Identifier: MIT */
/*
 * The order of creation: references first, never the order of the arguments alone.
 */
#include "object-private.h"
#include "vt-runtime/error.h"

enum { MARK_NONE, MARK_IN_BATCH, MARK_ON_PATH, MARK_DONE };

typedef struct Walk {
    GPtrArray *path;
    GPtrArray *sorted;
    bool alone; /* one object, whose place waits for nobody */
} Walk;

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

/* ---- devices that name no bus ------------------------------------------------------------------------- */

typedef struct Providers {
    const VtObject *object;
    VtObject *first; /* that is yet to come; NULL: none */
    unsigned base;   /* after the turns of those that stand before it on the command line */
    bool is_there;   /* one has a bus already */
} Providers;

static unsigned turn_of(VtObject *object);

/* What sits on a bus has its turns after the one in which the place of the bus's owner is chosen. */
static unsigned
base_of(VtObject *owner)
{
    return owner->mark == MARK_IN_BATCH ? turn_of(owner) & ~1u : 0;
}

static void
look_at(VtObject *owner, void *opaque)
{
    Providers *providers = opaque;

    if (owner->mark != MARK_IN_BATCH) {
        providers->is_there |= owner == owner->vm->machine || owner->done || owner->mark == MARK_DONE;
        return;
    }
    if (owner->serial < providers->object->serial) {
        providers->base = MAX(providers->base, base_of(owner));
    }
    if (!providers->first) {
        providers->first = owner;
    }
}

/* Where there is no bus for the device yet, who will bring the first one. */
static VtObject *
provider_to_come(const VtObject *object)
{
    Providers providers = {.object = object};

    vt_place_each_provider(object, look_at, &providers);
    return providers.is_there ? NULL : providers.first;
}

/* ---- turns -------------------------------------------------------------------------------------------- */

enum { TURN_UNKNOWN = G_MAXUINT16, TURN_ON_PATH = G_MAXUINT16 - 1 };

/* What takes no place first, then given places, then those that are chosen; then the same on the buses of these. */
static unsigned
turn_of(VtObject *object)
{
    Providers providers = {.object = object};
    const VtBus *bus;

    if (object->turn == TURN_ON_PATH || !object->class->plugs_into) {
        return 0;
    }
    if (object->turn != TURN_UNKNOWN) {
        return object->turn;
    }
    object->turn = TURN_ON_PATH;
    bus = vt_place_named_bus(object);
    if (bus) {
        providers.base = base_of(vt_object_top(bus->owner));
    } else {
        vt_place_each_provider(object, look_at, &providers);
        if (!providers.is_there && providers.first) {
            providers.base = MAX(providers.base, base_of(providers.first));
        }
    }
    object->turn = (uint16_t)MIN(providers.base + (vt_place_is_fixed(object) ? 1 : 2), TURN_ON_PATH - 1);
    return object->turn;
}

/* ---- the walk ----------------------------------------------------------------------------------------- */

static bool
visit(Walk *walk, VtObject *object, GError **error)
{
    VtObject *owner;

    if (object->mark == MARK_NONE || object->mark == MARK_DONE) {
        return true;
    }
    if (object->mark == MARK_ON_PATH) {
        return cycle_error(walk, object, error);
    }
    object->mark = MARK_ON_PATH;
    g_ptr_array_add(walk->path, object);
    for (guint i = 0; object->targets && i < object->targets->len; i++) {
        if (!visit(walk, vt_object_top(object->targets->pdata[i]), error)) {
            return false;
        }
    }
    owner = walk->alone ? NULL : provider_to_come(object);
    if (owner && !visit(walk, owner, error)) {
        return false;
    }
    g_ptr_array_set_size(walk->path, (int)walk->path->len - 1);
    object->mark = MARK_DONE;
    g_ptr_array_add(walk->sorted, object);
    return true;
}

static bool
visit_by_turns(Walk *walk, const GPtrArray *objects, GError **error)
{
    unsigned last = 0;

    for (guint i = 0; i < objects->len; i++) {
        last = MAX(last, turn_of(objects->pdata[i]));
    }
    for (unsigned now = 0; now <= last; now++) {
        for (guint i = 0; i < objects->len; i++) {
            if (turn_of(objects->pdata[i]) == now && !visit(walk, objects->pdata[i], error)) {
                return false;
            }
        }
    }
    return true;
}

bool
vt_order_objects(GPtrArray *objects, GError **error)
{
    g_autoptr(GPtrArray) path = g_ptr_array_new();
    g_autoptr(GPtrArray) sorted = g_ptr_array_sized_new(objects->len);
    Walk walk = {path, sorted, objects->len == 1};
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
