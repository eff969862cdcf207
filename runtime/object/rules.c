/* SPDX-License-Identifier: MIT */
/*
 * Rules of the schema for objects: the machines and accelerators that a class needs, at most one object of a class,
 * values that are unique in a VM, powers of two, values that an object cannot be without.
 */
#include "object/object-private.h"
#include "schema/schema-private.h"
#include "value/value-private.h"
#include "vt-runtime/error.h"

/* ---- classes ------------------------------------------------------------------------------------------- */

/* "'pc'", "'pc', 'q35' or 'microvm'"; owned by the caller. */
static char *
alternatives(const VtLayer *layer, uint32_t first)
{
    GString *text = g_string_new(NULL);

    for (const uint32_t *each = &layer->inputs[first]; *each; each++) {
        g_string_append_printf(text, "%s'%s'", !text->len ? "" : each[1] ? ", " : " or ", vt_str(layer, *each));
    }
    return g_string_free(text, FALSE);
}

static bool
has_accel(const VtContext *ctx, const VtLayer *layer, uint32_t first)
{
    const char *accel = vt_context_accel(ctx);

    for (const uint32_t *each = &layer->inputs[first]; accel && *each; each++) {
        if (strcmp(accel, vt_str(layer, *each)) == 0) {
            return true;
        }
    }
    return false;
}

static bool
has_machine(const VtObject *machine, const VtLayer *layer, uint32_t first)
{
    for (const uint32_t *each = &layer->inputs[first]; machine && *each; each++) {
        if (vt_object_is_a(machine, vt_str(layer, *each))) {
            return true;
        }
    }
    return !machine;
}

static bool
check_class(VtObject *object, const VtClassInfo *info, GError **error)
{
    const VtContext *ctx = object->vm->ctx;
    const VtClass *row = info->row;
    g_autofree char *names = NULL;

    if (row->needs_accels && !has_accel(ctx, info->layer, row->needs_accels)) {
        names = alternatives(info->layer, row->needs_accels);
        return vt_error_set(error, "%s '%s' requires the accelerator %s",
                            object->config->model ? "model" : object->class->info.kind,
                            object->config->model ? object->config->model : object->class->info.tag, names);
    }
    if (row->needs_machines && !has_machine(object->vm->machine, info->layer, row->needs_machines)) {
        names = alternatives(info->layer, row->needs_machines);
        return vt_error_set(error, "'%s' cannot be in machine '%s'; expected a machine of the family %s",
                            object->class->info.tag, vt_context_machine(ctx)->name, names);
    }
    if (row->flags & VT_CLASS_AT_MOST_ONE) {
        const VtObject *other = vt_index_find(object, info->name, 0);

        if (other) {
            return vt_error_set(error, "at most one such %s is possible, and '%s' is one", object->class->info.kind,
                                vt_object_display(vt_object_const_top(other)));
        }
        vt_index_enter(object, info->name, 0);
    }
    return !row->n_rules || vt_object_check_values(object, info, error);
}

/* ---- members ------------------------------------------------------------------------------------------- */

/* 0 is no value of an integer. */
static bool
has_any_value(const VtObject *object, const VtProp *prop)
{
    bool integer = prop->row->kind >= VT_KIND_INT8 && prop->row->kind <= VT_KIND_UINT64;

    return vt_config_present(object->config, prop) &&
           (!integer ||
            vt_field_get_uint(object->vm->schema, prop->layer, prop->row, vt_config_field(object->config, prop)));
}

static bool
check_member(VtObject *object, const VtProp *prop, GError **error)
{
    const VtSchema *schema = object->vm->schema;
    uint64_t value;

    if (prop->cold->features & VT_FEATURE_NEEDED && !has_any_value(object, prop)) {
        return vt_config_given(object->config, prop) ? vt_error_set(error, "%s: expected a value above 0", prop->name)
                                                     : vt_error_set(error, "missing member '%s'", prop->name);
    }
    if (!vt_config_present(object->config, prop) ||
        !(prop->cold->features & (VT_FEATURE_POWER_OF_TWO | VT_FEATURE_UNIQUE))) {
        return true;
    }
    value = vt_field_get_uint(schema, prop->layer, prop->row, vt_config_field(object->config, prop));
    if (prop->cold->features & VT_FEATURE_POWER_OF_TWO && value & (value - 1)) {
        return vt_error_set(error, "%s: '%" G_GUINT64_FORMAT "' is not a power of two", prop->name, value);
    }
    /* A negative value is none. */
    if (prop->cold->features & VT_FEATURE_UNIQUE && !(value >> 63)) {
        const VtObject *other = vt_index_find(object, prop->name, value);

        if (other) {
            return vt_error_set(error, "%s: '%" G_GUINT64_FORMAT "' is in use by '%s'", prop->name, value,
                                vt_object_display(vt_object_const_top(other)));
        }
        vt_index_enter(object, prop->name, value);
    }
    return true;
}

bool
vt_object_check_rules(VtObject *object, GError **error)
{
    const VtClassPrivate *class = object->class;

    for (const VtClassInfo *info = class->has_rules ? &class->info : NULL; info; info = info->parent) {
        if (!check_class(object, info, error)) {
            return false;
        }
    }
    for (size_t i = 0; i < class->info.n_children; i++) {
        if (!vt_object_check_rules(object->children[i], error)) {
            return false;
        }
    }
    /* The members of embedded objects are members of their embedder, too. */
    for (size_t i = 0; !object->embedder && i < class->n_ruled; i++) {
        if (!check_member(object, &class->info.props[class->ruled[i]], error)) {
            return false;
        }
    }
    return true;
}
