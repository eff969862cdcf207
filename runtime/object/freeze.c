/* SPDX-License-Identifier: MIT */
/*
 * Freezes objects: writes settled values, addresses, references by id, and an id for each object.
 */
#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#include "value/value-private.h"
#include "object/frozen-private.h"
#include "object/object-private.h"
#include "vt-runtime/contract.h"
#include "vt-runtime/error.h"
#include "vt-runtime/json.h"
#include "vt-runtime/output.h"

typedef struct Freeze {
    VtVm *vm;
    GHashTable *ids; /* VtObject to the id that the frozen file assigns */
} Freeze;

/* ---- names --------------------------------------------------------------------------------------------- */

static const char *
id_of(const Freeze *freeze, const VtObject *object)
{
    return object->config->id ? object->config->id : g_hash_table_lookup(freeze->ids, object);
}

/* Assigns the id "device-0" to "device[0]".  Appends "-0" while the id is in use. */
static void
name_anonymous(Freeze *freeze, VtObject *object, const char *key)
{
    const char *bracket = strrchr(key, '[');
    const char *kind = object->class->info.kind;
    char *id = g_strdup_printf("%s-%lu", kind, bracket ? strtoul(bracket + 1, NULL, 10) : 0);

    while (vt_vm_find(freeze->vm, kind, id)) {
        char *longer = g_strdup_printf("%s-0", id);

        g_free(id);
        id = longer;
    }
    g_hash_table_insert(freeze->ids, object, id);
}

/* The name of the bus after its owner has an id. */
static char *
bus_name(const Freeze *freeze, const VtBus *bus)
{
    const char *id = id_of(freeze, vt_object_top(bus->owner));

    return id ? vt_bus_name_for(bus, id) : g_strdup(bus->name);
}

/* ---- references ---------------------------------------------------------------------------------------- */

/* The original contents of a reference, to restore after its object is written. */
typedef struct Swap {
    VtRef *ref;
    char *id;
    VtConfig *inline_config;
} Swap;

typedef struct Swaps {
    const Freeze *freeze;
    const VtObject *object;
    GArray *swaps;
} Swaps;

/* Several buses may have one name.  Prefers the bus that the object is plugged into. */
static const VtBus *
named_bus(const VtObject *object, const char *name)
{
    return object->bus && strcmp(object->bus->name, name) == 0 ? object->bus : vt_vm_find_bus(object->vm, name);
}

static bool
name_target(VtConfig *config, const char *path, const VtLayer *layer, const VtRow *row, VtRef *ref, void *opaque,
            GError **error)
{
    const Swaps *in = opaque;
    const VtRefRow *kind = &layer->refs[layer->colds[row->cold].ref];
    Swap swap = {ref, ref->id, ref->inline_config};

    (void)config, (void)path, (void)error;
    if ((kind->flags & VT_REF_BUS) && ref->id) {
        ref->id = bus_name(in->freeze, named_bus(in->object, ref->id));
    } else if (ref->target && !(kind->flags & VT_REF_BUS) && !ref->target->config->id) {
        ref->id = g_strdup(id_of(in->freeze, vt_object_top(ref->target)));
        ref->inline_config = NULL;
    } else if (ref->inline_config) {
        /* An inline definition with an id becomes a separate object in the file. */
        ref->id = g_strdup(ref->inline_config->id);
        ref->inline_config = NULL;
    } else {
        return true;
    }
    g_array_append_val(in->swaps, swap);
    return true;
}

static void
swap_back(GArray *swaps)
{
    for (guint i = 0; i < swaps->len; i++) {
        Swap *swap = &g_array_index(swaps, Swap, i);

        g_free(swap->ref->id);
        swap->ref->id = swap->id;
        swap->ref->inline_config = swap->inline_config;
    }
}

/* ---- sensitive values ---------------------------------------------------------------------------------- */

/* The name of a sensitive member with a value inside the struct, or NULL. */
const char *
vt_field_secret(const VtSchema *schema, const VtLayer *layer, const VtRow *row, const void *field)
{
    const VtLayer *inner;
    const VtType *type;
    const char *found = NULL;

    if (row->flags & VT_ROW_LIST) {
        const VtList *list = field;
        VtRow element = *row;
        size_t size;

        element.flags &= ~(VT_ROW_LIST | VT_ROW_BOXED);
        size = vt_row_size(schema, layer, &element);
        for (size_t i = 0; !found && i < list->n; i++) {
            found = vt_field_secret(schema, layer, &element, (const char *)list->v + i * size);
        }
        return found;
    }
    if (row->kind != VT_KIND_STRUCT && row->kind != VT_KIND_UNION && row->kind != VT_KIND_ALTERNATE) {
        return NULL;
    }
    field = row->flags & VT_ROW_BOXED ? *(const void *const *)field : field;
    inner = vt_schema_type_layer(schema, row->type);
    type = vt_schema_type(schema, row->type);
    if (!field) {
        return NULL;
    }
    if (type->kind == VT_TYPE_ALTERNATE) {
        return vt_field_secret(schema, inner, &inner->rows[type->first + *(const uint32_t *)field],
                               (const char *)field + type->union_offset);
    }
    for (unsigned i = 0; !found && i < type->count; i++) {
        const VtRow *member = &inner->rows[type->first + i];

        if (!vt_is_present(field, type->words_offset, type->words, member->bit)) {
            continue;
        }
        found = inner->colds[member->cold].features & VT_FEATURE_SENSITIVE
                    ? vt_str(inner, member->name)
                    : vt_field_secret(schema, inner, member, (const char *)field + member->offset);
    }
    if (!found && type->kind == VT_TYPE_UNION) {
        VtRow branch = {.kind = VT_KIND_STRUCT, .type = vt_union_branch(inner, type, field)};

        found = branch.type ? vt_field_secret(schema, inner, &branch, (const char *)field + type->union_offset) : NULL;
    }
    return found;
}

static bool
refuse_secret(const VtObject *object, const VtProp *prop, GError **error)
{
    const VtProp *file = vt_class_prop(&object->class->info, "file", strlen("file"));
    g_autofree char *title = vt_object_title(object);
    const char *secret = prop->name;

    if (!(prop->cold->features & VT_FEATURE_SENSITIVE)) {
        secret = vt_field_secret(object->vm->schema, prop->layer, prop->row, vt_config_field(object->config, prop));
    }
    return !secret || vt_error_set(error, "%s: '%s' is sensitive and cannot be frozen%s", title, secret,
                                   file ? "; use 'file', which is frozen as a reference" : "");
}

/* ---- objects ------------------------------------------------------------------------------------------- */

/* Whether the member, which has no value now, may have a default in another version. */
static bool
may_appear(const VtProp *prop)
{
    return prop->timeline || prop->cold->derive;
}

/* Whether an engine may replace the value when it creates the object, unless the user gave it. */
static bool
may_be_replaced(const VtProp *prop, json_object *value)
{
    return prop->cold->features & VT_FEATURE_AUTOMATIC || vt_value_says_auto(value);
}

/* Adds where @value came from, unless that is the user, or a base default that stays.  @was_auto: it stands for 'auto'.
 */
static void
add_origin(const VtObject *object, const VtProp *prop, bool was_auto, json_object *value, json_object *origins)
{
    VtProvenance provenance = vt_object_provenance(object, prop);
    bool said = provenance.from == VT_ORIGIN_EXPLICIT
                    ? provenance.was != NULL
                    : provenance.from != VT_ORIGIN_BASE || may_be_replaced(prop, value);
    const char *from = provenance.was ? provenance.was : vt_origin_name(provenance.from);
    g_autofree char *name = NULL;
    json_object *origin;

    if (!said && !was_auto) {
        return;
    }
    origin = json_object_new_object();
    vt_json_add_text(origin, "from", said ? from : "auto");
    if (provenance.since) {
        vt_json_add_text(origin, "since", provenance.since);
    }
    if (provenance.why) {
        vt_json_add_text(origin, "why", provenance.why);
    }
    name = vt_frozen_name(&object->class->info, prop);
    json_object_object_add(origins, name, origin);
}

static bool
freeze_members(const VtObject *object, json_object *creation, json_object *beyond, json_object *origins, GError **error)
{
    const VtClassInfo *info = &object->class->info;
    uint16_t target = vt_context_target(object->vm->ctx);

    for (size_t i = 0; i < info->n_props; i++) {
        const VtProp *prop = &info->props[i];
        bool by_hand = !prop->hidden && !(prop->cold->features & VT_FEATURE_INTERNAL);
        bool present = vt_config_present(object->config, prop), was_auto;
        json_object *value = NULL;

        if (prop->row->flags & VT_ROW_IF_OFF || prop->alias_of || prop->cold->features & VT_FEATURE_READ_ONLY ||
            (target && prop->cold->targets && !(prop->cold->targets & target))) {
            continue;
        }
        if (present) {
            if (!refuse_secret(object, prop, error)) {
                return false;
            }
            vt_object_values(object, prop, VT_OUTPUT_NAMES, NULL, &value);
            was_auto = vt_object_settle_auto(object, prop, &value);
            add_origin(object, prop, was_auto, value, origins);
        }
        if (present && by_hand) {
            json_object_object_add(creation, prop->name, value);
        } else if ((present || may_appear(prop)) && !(prop->row->flags & VT_ROW_REQUIRED)) {
            g_autofree char *name = vt_frozen_name(info, prop);

            json_object_object_add(beyond, name, value);
        } else {
            json_object_put(value);
        }
    }
    return true;
}

/* As vt_object_creation(), with @id, which may be NULL. */
static json_object *
creation_with_id(const VtObject *object, const char *id, json_object *members)
{
    const VtClassInfo *info = &object->class->info, *root = info->root;
    json_object *creation = json_object_new_object(), *tagged = creation;
    const char *within = vt_str(root->layer, root->row->within), *wrap = vt_str(root->layer, root->row->wrap);
    const char *type = object == object->vm->machine ? vt_context_machine(object->vm->ctx)->name : info->tag;

    if (*within) {
        tagged = json_object_new_object();
        json_object_object_add(creation, within, tagged);
    }
    if (object->config->option) {
        json_object_object_add(tagged, object->config->option->implied_key,
                               json_object_new_string(object->config->model));
    } else {
        json_object_object_add(tagged, vt_str(root->layer, root->row->tag_name), json_object_new_string(type));
    }
    if (root->row->id_name && !object->config->option) {
        vt_json_add_text(creation, vt_str(root->layer, root->row->id_name), id);
    }
    if (*wrap) {
        json_object_object_add(tagged, wrap, members);
        return creation;
    }
    json_object_object_foreach (members, name, value) {
        json_object_object_add(tagged, name, json_object_get(value));
    }
    json_object_put(members);
    return creation;
}

json_object *
vt_object_creation(const VtObject *object, json_object *members)
{
    return creation_with_id(object, object->config->id, members);
}

static json_object *
freeze_object(const Freeze *freeze, const VtObject *object, json_object *beyond, json_object *origins, GError **error)
{
    g_autoptr(GArray) swaps = g_array_new(FALSE, FALSE, sizeof(Swap));
    Swaps in = {freeze, object, swaps};
    json_object *members = json_object_new_object();
    bool ok;

    vt_config_each_ref(object->config, name_target, &in, NULL);
    ok = freeze_members(object, members, beyond, origins, error);
    swap_back(swaps);
    if (!ok) {
        json_object_put(members);
        return NULL;
    }
    return creation_with_id(object, id_of(freeze, object), members);
}

/* object[key]; creates it if it is missing. */
static json_object *
member(json_object *object, const char *key, bool list)
{
    json_object *value;

    if (!json_object_object_get_ex(object, key, &value)) {
        value = list ? json_object_new_array() : json_object_new_object();
        json_object_object_add(object, key, value);
    }
    return value;
}

/* ---- the whole VM -------------------------------------------------------------------------------------- */

typedef struct Entry {
    const VtObject *object;
    const char *id;
} Entry;

static int
compare_entries(const void *a, const void *b)
{
    return vt_natural_compare(((const Entry *)a)->id, ((const Entry *)b)->id);
}

static bool
freeze_into(const Freeze *freeze, const Entry *entry, const char *option, json_object *result, json_object *defaults,
            json_object *all_origins, GError **error)
{
    json_object *beyond = json_object_new_object(), *origins = json_object_new_object();
    json_object *creation = freeze_object(freeze, entry->object, beyond, origins, error);

    if (creation && entry->object == freeze->vm->machine) {
        json_object_object_add(creation, "internal", json_object_get(beyond));
        json_object_object_add(result, option, creation);
    } else if (creation && entry->object->config->option) {
        /* There is only one such object.  It has no id, so 'defaults' cannot refer to it. */
        json_object_object_add(result, entry->object->config->option->name, creation);
    } else if (creation) {
        json_object_array_add(member(result, option, true), creation);
        if (json_object_object_length(beyond)) {
            json_object_object_add(member(defaults, option, false), entry->id, json_object_get(beyond));
        }
    }
    if (creation && json_object_object_length(origins) && !entry->object->config->option) {
        bool has_id = *entry->id && entry->object->class->info.root->row->id_name;

        json_object_object_add(member(all_origins, option, false), has_id ? entry->id : option,
                               json_object_get(origins));
    }
    json_object_put(origins);
    json_object_put(beyond);
    return creation != NULL;
}

/* Whether an option of another kind creates the object, or the object is part of such a one. */
static bool
is_made(const VtObject *object)
{
    return object->config->made;
}

json_object *
vt_vm_freeze(VtVm *vm, VtOptionOf option_of, const void *opaque, json_object **ret_defaults, json_object **ret_origins,
             GError **error)
{
    g_autoptr(GArray) keys = vt_vm_objects(vm);
    g_autoptr(GArray) entries = g_array_new(FALSE, FALSE, sizeof(Entry));
    g_autoptr(GHashTable) ids = g_hash_table_new_full(NULL, NULL, NULL, g_free);
    Freeze freeze = {vm, ids};
    json_object *result = json_object_new_object(), *defaults = json_object_new_object();
    json_object *origins = json_object_new_object();
    bool ok = true;

    for (guint i = 0; i < keys->len; i++) {
        const VtEntryKey *key = &g_array_index(keys, VtEntryKey, i);
        Entry entry = {key->object, ""};

        if (is_made(key->object)) {
            continue;
        }

        if (key->object != vm->machine && !key->object->config->id) {
            name_anonymous(&freeze, key->object, key->key);
        }
        if (key->object != vm->machine) {
            entry.id = id_of(&freeze, key->object);
        }
        g_array_append_val(entries, entry);
    }
    g_array_sort(entries, compare_entries);
    for (guint i = 0; ok && i < entries->len; i++) {
        const Entry *entry = &g_array_index(entries, Entry, i);

        ok = freeze_into(&freeze, entry, option_of(entry->object->class->info.root, opaque), result, defaults, origins,
                         error);
    }
    if (!ok) {
        json_object_put(result);
        json_object_put(defaults);
        json_object_put(origins);
        return NULL;
    }
    *ret_defaults = defaults;
    *ret_origins = origins;
    return result;
}
