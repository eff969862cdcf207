/* SPDX-License-Identifier: MIT */
/*
 * Changes mutable members at run time.
 */
#include <string.h>

#include "object/object-private.h"
#include "vt-runtime/error.h"
#include "vt-runtime/main-thread.h"
#include "vt-runtime/names.h"

static bool
check(const VtObject *object, const VtProp *prop, const char *member, GError **error)
{
    const VtClassInfo *info = &object->class->info;

    if (!prop) {
        g_autoptr(GArray) names = vt_names_new();
        const char *nearest;

        for (size_t i = 0; i < info->n_props; i++) {
            if (!info->props[i].hidden) {
                vt_names_add(names, info->props[i].name);
            }
        }
        nearest = vt_nearest(member, vt_names_list(names));
        return vt_error_set(
            error, nearest ? "class '%s' has no member '%s'; did you mean '%s'?" : "class '%s' has no member '%s'",
            info->name, member, nearest);
    }
    if (prop->cold->features & VT_FEATURE_READ_ONLY) {
        return vt_error_set(error, "member '%s' of '%s' is read-only: it cannot be set", member,
                            vt_object_display(object));
    }
    if (!(prop->cold->features & VT_FEATURE_MUTABLE) || (prop->cold->features & VT_FEATURE_INTERNAL) ||
        prop->row->kind == VT_KIND_REF) {
        return vt_error_set(error, "member '%s' of '%s' cannot be changed at run time", member,
                            vt_object_display(object));
    }
    return true;
}

/* Calls VtOps.set of the object and of the embedded child that has the member. */
static bool
notify(VtObject *object, const VtProp *prop, GError **error)
{
    for (size_t i = 0; i < object->class->n_ops; i++) {
        const VtOps *ops = object->class->ops[i];

        if (ops->set && !ops->set(object, prop, error)) {
            return false;
        }
    }
    if (prop->child) {
        VtObject *child = object->children[prop->child - 1];
        uint32_t base = object->class->info.child_bases[prop->child - 1];
        const VtProp *inner = vt_class_prop_at(&child->class->info, prop->offset - base);

        return !inner || notify(child, inner, error);
    }
    return true;
}

static void
swap(void *a, void *b, size_t size)
{
    g_autofree void *kept = g_memdup2(a, size);

    memcpy(a, b, size);
    memcpy(b, kept, size);
}

/* Replaces the value of @prop.  @notified: calls VtOps.set of a realized object. */
static bool
assign(VtObject *object, const VtProp *prop, VtInput *input, bool notified, GError **error)
{
    const VtSchema *schema = object->vm->schema;
    VtObject *top = vt_object_top(object);
    g_autofree void *value = NULL;
    uint64_t *given;
    uint64_t bit, before;
    size_t size;
    void *field;
    bool present, ok;

    prop = vt_object_map_prop(object, prop);
    size = vt_field_size(schema, prop->layer, prop->row);
    value = g_malloc0(size);
    if (!vt_input_visit_value(input, schema, object->vm->ctx, prop->layer, prop->row, value, error)) {
        return false;
    }
    field = vt_config_field(top->config, prop);
    present = vt_config_present(top->config, prop);
    given = vt_given_word(top->config->data, prop->words, prop->row->bit);
    bit = UINT64_C(1) << (prop->row->bit % 64);
    before = *given;
    swap(field, value, size);
    vt_config_set_present(top->config, prop, true);
    *given |= bit;
    ok = !notified || top->stage != VT_STAGE_REALIZED || top->elsewhere || notify(top, prop, error);
    if (ok) {
        vt_late_forget(top, vt_prop_index(&top->class->info, prop));
        vt_giver_set(top, vt_prop_index(&top->class->info, prop), input);
    } else {
        swap(field, value, size);
        vt_config_set_present(top->config, prop, present);
        *given = before;
    }
    vt_field_clear(schema, prop->layer, prop->row, value);
    return ok;
}

bool
vt_object_set(VtObject *object, const char *member, VtInput *input, GError **error)
{
    const VtProp *prop = vt_class_prop(&object->class->info, member, strlen(member));

    vt_assert_main();
    return check(object, prop, member, error) && assign(object, prop, input, true, error);
}

/* ---- values that a runner has changed ------------------------------------------------------------------ */

bool
vt_object_follow(VtObject *object, const char *member, VtInput *input, GError **error)
{
    const VtProp *prop = vt_class_prop(&object->class->info, member, strlen(member));

    vt_assert_main();
    g_assert(vt_object_const_top(object)->elsewhere);
    if (!prop || prop->cold->features & VT_FEATURES_NO_INPUT || prop->row->kind == VT_KIND_REF) {
        return vt_error_set(error, "class '%s' has no member '%s' that can change", object->class->info.name, member);
    }
    return assign(object, prop, input, false, error);
}

void
vt_object_follow_default(VtObject *object, const VtProp *prop)
{
    VtObject *top = vt_object_top(object);
    const VtSchema *schema = object->vm->schema;
    g_autoptr(VtConfig) fresh = NULL;
    void *field;

    vt_assert_main();
    g_assert(top->elsewhere);
    prop = vt_object_map_prop(object, prop);
    if (prop->row->kind == VT_KIND_REF || !vt_config_given(top->config, prop)) {
        return;
    }
    fresh = vt_config_new(object->vm->ctx, &top->class->info);
    field = vt_config_field(top->config, prop);
    vt_field_clear(schema, prop->layer, prop->row, field);
    vt_field_copy(schema, prop->layer, prop->row, field, vt_config_field(fresh, prop));
    vt_config_set_present(top->config, prop, vt_config_present(fresh, prop));
    *vt_given_word(top->config->data, prop->words, prop->row->bit) &= ~(UINT64_C(1) << (prop->row->bit % 64));
    vt_late_forget(top, vt_prop_index(&top->class->info, prop));
}

bool
vt_object_follow_ref(VtObject *object, const VtProp *prop, const char *id, GError **error)
{
    VtObject *top = vt_object_top(object);
    VtRef *ref;

    vt_assert_main();
    g_assert((top->elsewhere || !id) && prop->row->kind == VT_KIND_REF &&
             !(prop->row->flags & (VT_ROW_LIST | VT_ROW_BOXED)));
    prop = vt_object_map_prop(object, prop);
    ref = vt_config_field(top->config, prop);
    if (ref->target && g_strcmp0(ref->target->config->id, id) == 0) {
        return true;
    }
    if (ref->inline_config) {
        return vt_error_set(error, "%s: the object '%s' is defined inside '%s'", prop->name,
                            vt_object_display(ref->target), vt_object_display(top));
    }
    vt_backend_release(top);
    if (!vt_refs_rebind(top, prop->layer, prop->row, ref, id, error)) {
        return false;
    }
    vt_config_set_present(top->config, prop, id != NULL);
    return true;
}
