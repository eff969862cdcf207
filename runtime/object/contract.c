/* SPDX-License-Identifier: MIT */
#include "vt-runtime/contract.h"

#include <string.h>

#include <json-c/json.h>

#include "vt-runtime/json.h"
#include "vt-runtime/output.h"

/* ---- the contract ---------------------------------------------------------------------------------------- */

/* Names of objects and descriptors, the state of an object, and settings that can change at run time, are of the host.
 * So are members of the machine without history, except for its structs: memory, processors, boot. */
bool
vt_prop_is_contracted(const VtObject *object, const VtProp *prop)
{
    if (prop->row->kind == VT_KIND_REF || prop->cold->features & (VT_FEATURE_SENSITIVE | VT_FEATURE_DESCRIPTOR |
                                                                  VT_FEATURE_MUTABLE | VT_FEATURE_READ_ONLY)) {
        return false;
    }
    return strcmp(vt_object_class(object)->kind, "device") == 0 || prop->row->kind == VT_KIND_STRUCT ||
           prop->cold->features & VT_FEATURE_GUEST_VISIBLE ||
           (prop->timeline && prop->timeline->axis == VT_AXIS_MACHINE);
}

static json_object *
contracted_values(const VtObject *object)
{
    const VtClassInfo *info = vt_object_class(object);
    json_object *values = json_object_new_object();

    for (size_t i = 0; i < info->n_props; i++) {
        const VtProp *prop = &info->props[i];
        json_object *value;

        if (vt_prop_is_contracted(object, prop) && vt_object_reports(object, prop, true)) {
            vt_object_values(object, prop, VT_OUTPUT_NAMES, NULL, &value);
            json_object_object_add(values, prop->name, value);
        }
    }
    return values;
}

static json_object *
contracted_objects(const VtVm *vm)
{
    json_object *objects = json_object_new_object();
    g_autoptr(GArray) keys = vt_vm_objects(vm);

    for (guint i = 0; i < keys->len; i++) {
        const VtEntryKey *key = &g_array_index(keys, VtEntryKey, i);
        const VtClassInfo *info = vt_object_class(key->object);

        if (key->object == vt_vm_machine(vm) || strcmp(info->kind, "device") == 0) {
            json_object *object = json_object_new_object();

            vt_json_add_text(object, "type", info->name);
            json_object_object_add(object, "properties", contracted_values(key->object));
            json_object_object_add(objects, key->key, object);
        }
    }
    return objects;
}

static json_object *
contracted_features(const VtVm *vm)
{
    const VtLayer *lowest = vt_schema_lowest(vt_context_schema(vt_vm_context(vm)));
    json_object *features = json_object_new_array();
    g_autoptr(GArray) demands = vt_vm_demands(vm);

    for (guint i = 0; i < demands->len; i++) {
        const VtDemand *demand = &g_array_index(demands, VtDemand, i);
        g_autofree char *override = vt_demand_override(demand);
        json_object *row = json_object_new_object();

        vt_json_add_text(row, "feature", vt_str(lowest, lowest->features[demand->feature].name));
        vt_json_add_text(row, "object", vt_object_display(demand->object));
        if (demand->prop) {
            vt_json_add_text(row, "property", demand->prop->name);
        }
        vt_json_add_text(row, "override", override);
        json_object_array_add(features, row);
    }
    return features;
}

json_object *
vt_schema_versions_json(const VtSchema *schema)
{
    json_object *versions = json_object_new_object();

    for (VtAxis axis = VT_AXIS_MACHINE; axis < VT_N_AXES; axis++) {
        size_t n = vt_schema_n_versions(schema, axis);

        if (n) {
            vt_json_add_text(versions, vt_axis_name(axis), vt_schema_version_name(schema, axis, (uint16_t)n));
        }
    }
    return versions;
}

json_object *
vt_vm_contract(const VtVm *vm)
{
    const VtContext *ctx = vt_vm_context(vm);
    json_object *contract = json_object_new_object();

    if (vt_context_machine(ctx)) {
        vt_json_add_text(contract, "machine", vt_context_machine(ctx)->name);
    }
    vt_json_add_text(contract, "platform-version", vt_platform_name(vt_context_platform(ctx)));
    json_object_object_add(contract, "schema", vt_schema_versions_json(vt_context_schema(ctx)));
    json_object_object_add(contract, "features", contracted_features(vm));
    json_object_object_add(contract, "objects", contracted_objects(vm));
    return contract;
}

/* ---- the comparison -------------------------------------------------------------------------------------- */

static void
contract_difference_clear(void *opaque)
{
    VtContractDifference *difference = opaque;

    g_free(difference->object);
    g_free(difference->member);
    json_object_put(difference->source);
    json_object_put(difference->other);
}

/* @source, @other: borrowed; NULL: none. */
static void
add_contract_difference(GArray *differences, const char *object, const char *member, json_object *source,
                        json_object *other)
{
    VtContractDifference one = {g_strdup(object), g_strdup(member), json_object_get(source), json_object_get(other)};

    g_array_append_val(differences, one);
}

/* Compares members of two objects.  @skip: one that is compared elsewhere, or "". */
static void
compare_contract_members(GArray *differences, const char *name, json_object *source, json_object *other,
                         const char *skip)
{
    json_object_object_foreach (source, key, value) {
        json_object *own = json_object_object_get(other, key);

        if (strcmp(key, skip) != 0 && !json_object_equal(value, own)) {
            add_contract_difference(differences, name, key, value, own);
        }
    }
    json_object_object_foreach (other, own_key, own_value) {
        if (strcmp(own_key, skip) != 0 && !json_object_object_get_ex(source, own_key, NULL)) {
            add_contract_difference(differences, name, own_key, NULL, own_value);
        }
    }
}

/* A member of a contract that is an object, or NULL. */
static json_object *
contract_part(json_object *whole, const char *name)
{
    json_object *part = json_object_object_get(whole, name);

    return json_object_is_type(part, json_type_object) ? part : NULL;
}

static void
compare_contract_objects(GArray *differences, json_object *source, json_object *other)
{
    json_object_object_foreach (source, name, theirs) {
        json_object *own = contract_part(other, name);

        if (own && json_object_is_type(theirs, json_type_object) && contract_part(theirs, "properties") &&
            contract_part(own, "properties")) {
            compare_contract_members(differences, name, theirs, own, "properties");
            compare_contract_members(differences, name, contract_part(theirs, "properties"),
                                     contract_part(own, "properties"), "");
        } else {
            add_contract_difference(differences, name, "type", json_object_object_get(theirs, "type"),
                                    json_object_object_get(own, "type"));
        }
    }
    json_object_object_foreach (other, own_name, mine) {
        if (!json_object_object_get_ex(source, own_name, NULL)) {
            add_contract_difference(differences, own_name, "type", NULL, json_object_object_get(mine, "type"));
        }
    }
}

GArray *
vt_contract_compare(json_object *source, json_object *other)
{
    static const char *const texts[] = {"machine", "platform-version"};
    GArray *differences = g_array_new(FALSE, FALSE, sizeof(VtContractDifference));

    g_array_set_clear_func(differences, contract_difference_clear);
    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
        json_object *theirs = json_object_object_get(source, texts[i]), *own = json_object_object_get(other, texts[i]);

        if (!json_object_equal(theirs, own)) {
            add_contract_difference(differences, "", texts[i], theirs, own);
        }
    }
    compare_contract_objects(differences, contract_part(source, "objects"), contract_part(other, "objects"));
    return differences;
}
