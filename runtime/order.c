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
    for (guint i = 0; (owner = vt_place_awaited(object, i)); i++) {
        if (owner->mark == MARK_IN_BATCH && !visit(walk, owner, error)) {
            return false;
        }
    }
    g_ptr_array_set_size(walk->path, (int)walk->path->len - 1);
    object->mark = MARK_DONE;
    g_ptr_array_add(walk->sorted, object);
    return true;
}

/* What takes no place first, then given places, then those that are chosen. */
static unsigned
turn(VtObject *object)
{
    if (!object->class->plugs_into) {
        return 0;
    }
    return vt_place_is_fixed(object) ? 1 : 2;
}

bool
vt_order_objects(GPtrArray *objects, GError **error)
{
    g_autoptr(GPtrArray) path = g_ptr_array_new();
    g_autoptr(GPtrArray) sorted = g_ptr_array_sized_new(objects->len);
    g_autofree guint8 *turns = g_new0(guint8, objects->len + 1);
    Walk walk = {path, sorted};
    bool ok = true;

    for (guint i = 0; i < objects->len; i++) {
        VtObject *object = objects->pdata[i];

        object->mark = MARK_IN_BATCH;
        turns[i] = (guint8)turn(object);
    }
    for (unsigned now = 0; now <= 2; now++) {
        for (guint i = 0; i < objects->len && ok; i++) {
            if (turns[i] == now) {
                ok = visit(&walk, objects->pdata[i], error);
            }
        }
    }
    for (guint i = 0; i < objects->len; i++) {
        ((VtObject *)objects->pdata[i])->mark = MARK_NONE;
    }
    for (guint i = 0; ok && i < sorted->len; i++) {
        objects->pdata[i] = sorted->pdata[i];
    }
    return ok;
}
