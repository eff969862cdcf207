/* SPDX-License-Identifier: MIT */
#include "vt-runtime/diff.h"

#include <string.h>

#include <json-c/json.h>

#include "object/object-private.h"
#include "resolve/context-private.h"
#include "schema/row-private.h"
#include "vt-runtime/output.h"

static void
diff_clear(void *opaque)
{
    VtDiff *diff = opaque;

    g_free(diff->key);
    json_object_put(diff->from);
    json_object_put(diff->to);
}

GArray *
vt_diffs_new(void)
{
    GArray *diffs = g_array_new(FALSE, FALSE, sizeof(VtDiff));

    g_array_set_clear_func(diffs, diff_clear);
    return diffs;
}

/* An overlay set the value, so no entry of the schema did. */
static bool
is_overlaid(const VtProvenance *provenance)
{
    return !provenance->entry && provenance->since;
}

static bool
is_of_user(const VtProvenance *provenance)
{
    return provenance->from == VT_ORIGIN_EXPLICIT || provenance->from == VT_ORIGIN_GLOBAL;
}

/* @prop: NULL if the object exists on one side only. */
static void
add_diff(GArray *diffs, const char *key, const VtClassInfo *class, const VtProp *prop, json_object *from,
         json_object *to, const VtProvenance *before, const VtProvenance *after)
{
    /* The reason is the newer entry of the two. */
    bool older = before && after && before->entry && !is_overlaid(after) &&
                 (!after->entry || before->entry->since > after->entry->since);
    const VtProvenance *reason = older ? before : after, *other = older ? after : before;
    VtDiff diff = {.key = g_strdup(key),
                   .class = class,
                   .property = prop ? prop->name : NULL,
                   .is_size = prop && prop->row->kind == VT_KIND_SIZE && !(prop->row->flags & VT_ROW_LIST),
                   .given = !prop || is_of_user(before) || is_of_user(after),
                   .guest = class->root->row->layer != VT_CLASS_BACKEND,
                   .from = from,
                   .to = to};

    if (reason && (reason->entry || is_overlaid(reason))) {
        diff.axis = vt_axis_name(reason->axis);
        diff.guest &= reason->axis != VT_AXIS_PLATFORM;
        diff.since = reason->since;
        diff.why = reason->why;
    }
    if (reason) {
        diff.file = reason->file;
        diff.line = reason->line;
    }
    if (other && other->entry && other->entry->flags & VT_ENTRY_ERRATUM) {
        diff.erratum = other->why;
    }
    g_array_append_val(diffs, diff);
}

VtProvenance
vt_default_provenance(const VtContext *ctx, const VtConfig *config, const VtProp *prop)
{
    size_t index = vt_prop_index(config->info, prop);
    const VtEntry *entry = config->image->entries[index];
    VtProvenance result = {.from = VT_ORIGIN_BASE, .entry = entry, .layer = prop->default_layer};

    if (config->image->global[index] == VT_SET_BY_OVERLAY) {
        const VtOverlaid *overlaid = vt_context_overlaid(ctx, config->info, prop);

        result.axis = overlaid->axis;
        result.why = overlaid->why;
        result.since = overlaid->since;
    } else if (entry) {
        result.axis = vt_entry_axis(prop->timeline, entry);
        result.why = vt_text(result.layer->texts, entry->why);
        result.file = vt_str(result.layer, prop->timeline->file);
        result.line = vt_text_line(result.layer->texts, entry->why);
        result.since = vt_entry_since(prop->owner->schema, prop->timeline, entry);
    }
    return result;
}

static json_object *
default_value(const VtConfig *config, const VtProp *prop, unsigned flags)
{
    if (!vt_config_present(config, prop)) {
        return NULL;
    }
    return vt_output_field(config->info->schema, prop->layer, prop->row, vt_config_field(config, prop), flags);
}

void
vt_diff_classes(GArray *diffs, VtContext *from, VtContext *to, const VtClassInfo *info, unsigned flags)
{
    g_autoptr(VtConfig) before = vt_config_new(from, info);
    g_autoptr(VtConfig) after = vt_config_new(to, info);

    for (size_t i = 0; i < info->n_props; i++) {
        const VtProp *prop = &info->props[i];
        json_object *old, *new;

        if (prop->alias_of || !vt_prop_is_shown(prop, vt_context_target(from))) {
            continue;
        }
        old = default_value(before, prop, flags);
        new = default_value(after, prop, flags);
        if (json_object_equal(old, new)) {
            json_object_put(old);
            json_object_put(new);
        } else {
            VtProvenance was = vt_default_provenance(from, before, prop);
            VtProvenance is = vt_default_provenance(to, after, prop);

            add_diff(diffs, info->name, info, prop, old, new, &was, &is);
        }
    }
}

static void
compare_object(const char *key, const VtObject *before, const VtObject *after, bool settled, unsigned flags,
               uint16_t target, GArray *diffs)
{
    const VtClassInfo *info = vt_object_class(before);

    for (size_t i = 0; i < info->n_props; i++) {
        const VtProp *prop = &info->props[i];
        json_object *configured[2] = {NULL, NULL}, *late[2] = {NULL, NULL}, *old, *new;

        /* A read-only member is not configuration. */
        if (prop->alias_of || !vt_prop_is_shown(prop, target) || prop->cold->features & VT_FEATURE_READ_ONLY) {
            continue;
        }
        vt_object_values(before, prop, flags, &configured[0], &late[0]);
        vt_object_values(after, prop, flags, &configured[1], &late[1]);
        old = settled ? late[0] : configured[0];
        new = settled ? late[1] : configured[1];
        if (!json_object_equal(old, new)) {
            VtProvenance was = vt_object_provenance(before, prop), is = vt_object_provenance(after, prop);

            add_diff(diffs, key, info, prop, json_object_get(old), json_object_get(new), &was, &is);
        }
        for (int side = 0; side < 2; side++) {
            json_object_put(configured[side]);
            json_object_put(late[side]);
        }
    }
}

/* The objects by key; both are borrowed from @entries. */
static GHashTable *
by_key(GArray *entries)
{
    GHashTable *index = g_hash_table_new(g_str_hash, g_str_equal);

    for (guint i = 0; i < entries->len; i++) {
        const VtEntryKey *entry = &g_array_index(entries, VtEntryKey, i);

        g_hash_table_insert(index, entry->key, entry->object);
    }
    return index;
}

/* The object of @others with the key and the class of @entry, or NULL. */
static const VtObject *
counterpart(GHashTable *others, const VtEntryKey *entry)
{
    const VtObject *other = g_hash_table_lookup(others, entry->key);

    return other && vt_object_class(other) == vt_object_class(entry->object) ? other : NULL;
}

static bool
is_asked(GPtrArray *types, const VtClassInfo *info)
{
    return !types->len || g_ptr_array_find_with_equal_func(types, info->name, g_str_equal, NULL);
}

/* An object that exists on one side only is one change; its value is the class. */
static void
compare_existence(GArray *objects, GHashTable *others, bool added, GPtrArray *types, GArray *diffs)
{
    for (guint i = 0; i < objects->len; i++) {
        const VtEntryKey *entry = &g_array_index(objects, VtEntryKey, i);
        const VtClassInfo *info = vt_object_class(entry->object);

        if (!counterpart(others, entry) && is_asked(types, info)) {
            json_object *type = json_object_new_string(info->name);

            add_diff(diffs, entry->key, info, NULL, added ? NULL : type, added ? type : NULL, NULL, NULL);
        }
    }
}

/* Whether a bus of the machine of @vm has a device of the class @name that the machine makes. */
static bool
has_on_board(const VtVm *vm, const char *name)
{
    const VtObject *machine = vt_vm_machine(vm);
    bool found = false;

    for (size_t i = 0; machine && i < machine->n_provides; i++) {
        for (const char **r = machine->provides[i]->reserved; r && *r && !found; r += 2) {
            found = strcmp(r[1], name) == 0;
        }
    }
    return found;
}

static bool
add_class(GArray *classes, const VtClassInfo *info)
{
    for (guint i = 0; i < classes->len; i++) {
        if (g_array_index(classes, const VtClassInfo *, i) == info) {
            return false;
        }
    }
    g_array_append_val(classes, info);
    return true;
}

static void
compare_boards(const VtVm *from, const VtVm *to, GPtrArray *types, unsigned flags, GArray *diffs)
{
    const VtObject *machine = vt_vm_machine(from);
    g_autoptr(GArray) seen = g_array_new(FALSE, FALSE, sizeof(const VtClassInfo *));

    for (size_t i = 0; machine && i < machine->n_provides; i++) {
        for (const char **r = machine->provides[i]->reserved; r && *r; r += 2) {
            const VtClassInfo *info = vt_schema_class(vt_context_schema(vt_vm_context(from)), r[1]);

            if (info && is_asked(types, info) && has_on_board(to, info->name) && add_class(seen, info)) {
                vt_diff_classes(diffs, vt_vm_context(from), vt_vm_context(to), info, flags);
            }
        }
    }
}

void
vt_diff_boards(GArray *diffs, const VtVm *from, const VtVm *to, unsigned flags)
{
    g_autoptr(GPtrArray) all = g_ptr_array_new();

    compare_boards(from, to, all, flags, diffs);
}

void
vt_diff_vms(GArray *diffs, const VtVm *from, const VtVm *to, GPtrArray *types, bool settled, unsigned flags)
{
    g_autoptr(GArray) old = vt_vm_objects(from);
    g_autoptr(GArray) new = vt_vm_objects(to);
    g_autoptr(GHashTable) by_old = by_key(old);
    g_autoptr(GHashTable) by_new = by_key(new);

    for (guint i = 0; i < old->len; i++) {
        const VtEntryKey *entry = &g_array_index(old, VtEntryKey, i);
        const VtObject *other = counterpart(by_new, entry);

        if (other && is_asked(types, vt_object_class(other))) {
            compare_object(entry->key, entry->object, other, settled, flags, vt_context_target(vt_vm_context(from)),
                           diffs);
        }
    }
    compare_boards(from, to, types, flags, diffs);
    compare_existence(old, by_new, false, types, diffs);
    compare_existence(new, by_old, true, types, diffs);
}
