/* SPDX-License-Identifier: MIT */
/*
 * The contract of a migration: machine, platform version, and the values that a guest can see.
 */
#include <string.h>

#include <json-c/json.h>

#include "engine-private.h"
#include "vt-runtime/error.h"
#include "vt-runtime/json.h"
#include "vt-runtime/output.h"

#define SHOWN 8 /* differences that an error lists */

/* ---- the contract ---------------------------------------------------------------------------------------- */

/* Whether a guest can see the member.  Names of objects and descriptors, and settings that can change at run time, are
 * of the host; so are members of the machine without history, except for its structs: memory, processors, boot. */
static bool
is_visible(const VtObject *object, const VtProp *prop)
{
    if (prop->row->kind == VT_KIND_REF ||
        prop->cold->features & (VT_FEATURE_SENSITIVE | VT_FEATURE_DESCRIPTOR | VT_FEATURE_MUTABLE)) {
        return false;
    }
    return strcmp(vt_object_class(object)->kind, "device") == 0 || prop->row->kind == VT_KIND_STRUCT ||
           prop->cold->features & VT_FEATURE_GUEST_VISIBLE ||
           (prop->timeline && prop->timeline->axis == VT_AXIS_MACHINE);
}

static json_object *
values_of(const VtObject *object)
{
    const VtClassInfo *info = vt_object_class(object);
    json_object *values = json_object_new_object();

    for (size_t i = 0; i < info->n_props; i++) {
        const VtProp *prop = &info->props[i];
        json_object *value;

        if (is_visible(object, prop) && vt_object_reports(object, prop, true)) {
            vt_object_values(object, prop, VT_OUTPUT_NAMES, NULL, &value);
            json_object_object_add(values, prop->name, value);
        }
    }
    return values;
}

static json_object *
contract_of(const VtVm *vm)
{
    const VtContext *ctx = vt_vm_context(vm);
    uint16_t version = vt_platform_version(vt_context_platform(ctx));
    json_object *contract = json_object_new_object(), *objects = json_object_new_object();
    g_autoptr(GArray) keys = vt_vm_objects(vm);

    if (vt_context_machine(ctx)) {
        vt_json_add_text(contract, "machine", vt_context_machine(ctx)->name);
    }
    vt_json_add_text(contract, "platform-version",
                     vt_schema_version_name(vt_context_schema(ctx), VT_AXIS_PLATFORM, version));
    for (guint i = 0; i < keys->len; i++) {
        const VtEntryKey *key = &g_array_index(keys, VtEntryKey, i);
        const VtClassInfo *info = vt_object_class(key->object);
        json_object *object;

        if (key->object == vt_vm_machine(vm) || strcmp(info->kind, "device") == 0) {
            object = json_object_new_object();
            vt_json_add_text(object, "type", info->name);
            json_object_object_add(object, "properties", values_of(key->object));
            json_object_object_add(objects, key->key, object);
        }
    }
    json_object_object_add(contract, "objects", objects);
    return contract;
}

bool
vt_qmp_query_migration_contract(VtMonitor *monitor, VtMigrationContract *ret, GError **error)
{
    (void)ret;
    (void)error;
    vt_monitor_answer(monitor, contract_of(vt_monitor_service(monitor)->vm));
    return true;
}

/* ---- the comparison -------------------------------------------------------------------------------------- */

typedef struct Differences {
    GString *text;
    unsigned n;
} Differences;

/* @source, @here: NULL: none. */
static void
add_difference(Differences *differences, const char *object, const char *member, json_object *source, json_object *here)
{
    g_autofree char *there = source ? vt_json_text(source) : g_strdup("none");
    g_autofree char *own = here ? vt_json_text(here) : g_strdup("none");

    if (++differences->n <= SHOWN) {
        g_string_append_printf(differences->text, "; %s%s%s: the source has %s, this process %s", object,
                               *object ? ": " : "", member, there, own);
    }
}

/* Compares members of two objects.  @skip: one that is compared elsewhere, or "". */
static void
compare_members(Differences *differences, const char *name, json_object *source, json_object *here, const char *skip)
{
    json_object_object_foreach (source, key, value) {
        json_object *own = json_object_object_get(here, key);

        if (strcmp(key, skip) != 0 && !json_object_equal(value, own)) {
            add_difference(differences, name, key, value, own);
        }
    }
    json_object_object_foreach (here, own_key, own_value) {
        if (strcmp(own_key, skip) != 0 && !json_object_object_get_ex(source, own_key, NULL)) {
            add_difference(differences, name, own_key, NULL, own_value);
        }
    }
}

/* A member of a contract that is an object, or NULL. */
static json_object *
part_of(json_object *whole, const char *name)
{
    json_object *part = json_object_object_get(whole, name);

    return json_object_is_type(part, json_type_object) ? part : NULL;
}

static void
compare_objects(Differences *differences, json_object *source, json_object *here)
{
    json_object_object_foreach (source, name, theirs) {
        json_object *own = part_of(here, name);

        if (own && json_object_is_type(theirs, json_type_object) && part_of(theirs, "properties")) {
            compare_members(differences, name, theirs, own, "properties");
            compare_members(differences, name, part_of(theirs, "properties"), part_of(own, "properties"), "");
        } else {
            add_difference(differences, name, "type", json_object_object_get(theirs, "type"),
                           json_object_object_get(own, "type"));
        }
    }
    json_object_object_foreach (here, own_name, mine) {
        if (!json_object_object_get_ex(source, own_name, NULL)) {
            add_difference(differences, own_name, "type", NULL, json_object_object_get(mine, "type"));
        }
    }
}

static void
compare_texts(Differences *differences, const char *member, const char *source, json_object *here)
{
    json_object *text = source ? json_object_new_string(source) : NULL;

    if (!json_object_equal(text, here)) {
        add_difference(differences, "", member, text, here);
    }
    json_object_put(text);
}

static bool
compare(const VtMigrationContract *source, json_object *here, GError **error)
{
    g_autoptr(GString) text = g_string_new(NULL);
    Differences differences = {.text = text};

    if (!json_object_is_type(source->objects, json_type_object)) {
        return vt_error_set(error, "contract.objects: expected an object");
    }
    compare_texts(&differences, "machine", source->machine, json_object_object_get(here, "machine"));
    compare_texts(&differences, "platform-version", source->platform_version,
                  json_object_object_get(here, "platform-version"));
    compare_objects(&differences, source->objects, part_of(here, "objects"));
    if (differences.n > SHOWN) {
        g_string_append_printf(text, "; and %u more", differences.n - SHOWN);
    }
    return !differences.n || vt_error_set(error, "the source of the migration differs in %u value%s%s", differences.n,
                                          differences.n == 1 ? "" : "s", text->str);
}

bool
vt_qmp_check_migration_contract(VtMonitor *monitor, const VtQObjCheckMigrationContractArg *arg, GError **error)
{
    const VtService *service = vt_monitor_service(monitor);
    VtEngine *engine = service->engine;
    json_object *here = contract_of(service->vm);
    bool ok = compare(&arg->contract, here, error);

    json_object_put(here);
    if (engine) {
        engine->refuses_migration = !ok;
    }
    return ok;
}
