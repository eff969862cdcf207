/* SPDX-License-Identifier: MIT */
#include "vt-engine/pin.h"

#include <string.h>

#include <json-c/json.h>

#include "pin-value.h"
#include "served.h"
#include "vt-runtime/error.h"
#include "vt-runtime/json.h"
#include "vt-runtime/output.h"
#include "vt-runtime/contract.h"
#include "vt-runtime/vendor-machine.h"

/* ---- terms --------------------------------------------------------------------------------------------- */

uint16_t
vt_engine_release(const VtSchema *schema, const VtEngineInfo *info)
{
    return vt_engine_release_of(schema, vt_engine_info_version(info));
}

uint16_t
vt_engine_release_of(const VtSchema *schema, const uint32_t version[3])
{
    /* A version such as 11.0.50 becomes 11.1. */
    bool next = version[2] >= 50;
    uint32_t major = version[0] + (next && version[1] == 2), minor = next ? (version[1] + 1) % 3 : version[1];
    uint16_t found = 0;

    for (uint16_t i = 1; i <= vt_schema_n_versions(schema, VT_AXIS_RELEASE); i++) {
        g_auto(GStrv) parts = g_strsplit(vt_schema_version_name(schema, VT_AXIS_RELEASE, i), ".", 0);
        guint64 own = g_ascii_strtoull(parts[0], NULL, 10);

        if (own < major || (own == major && parts[1] && g_ascii_strtoull(parts[1], NULL, 10) <= minor)) {
            found = i;
        }
    }
    return found;
}

char *
vt_engine_terms_title(const VtEngineTerms *terms)
{
    g_autofree char *name = g_path_get_basename(vt_engine_info_binary(terms->info));
    const uint32_t *version = vt_engine_info_version(terms->info);

    return g_strdup_printf("%s %u.%u.%u", name, version[0], version[1], version[2]);
}

/* Fails for a machine that the engine lacks. The error names the newest version of its family that the engine has. */
static bool
refuse_machine(const VtEngineTerms *terms, const VtMachineName *machine, GError **error)
{
    g_autofree char *title = vt_engine_terms_title(terms);

    for (uint16_t version = vt_machine_newest(machine->family, machine->version ? machine->version : 1); version;
         version = version > 1 ? vt_machine_newest(machine->family, version - 1) : 0) {
        g_autofree char *name = vt_machine_version_name(machine->family, version);

        if (vt_engine_info_machine(terms->info, name)) {
            return vt_error_set(error, "machine '%s': %s lacks it; the newest before it is '%s'", machine->name, title,
                                name);
        }
    }
    return vt_error_set(error, "machine '%s': %s lacks it and all before it", machine->name, title);
}

bool
vt_engine_terms_init(VtEngineTerms *terms, const VtVm *vm, const VtEngineInfo *info, VtEnginePin pin, GError **error)
{
    VtContext *ctx = vt_vm_context(vm);
    const VtMachineName *machine = vt_context_machine(ctx);
    const char *target = vt_target_name(vt_context_target(ctx));

    *terms = (VtEngineTerms){.info = info, .pin = pin};
    terms->release = vt_engine_release(vt_context_schema(ctx), info);
    if (strcmp(target, vt_engine_info_target(info)) != 0) {
        return vt_error_set(error, "'%s' runs target %s; expected %s", vt_engine_info_binary(info),
                            vt_engine_info_target(info), target);
    }
    if (!terms->release) {
        g_autofree char *title = vt_engine_terms_title(terms);

        return vt_error_set(error, "%s is older than release %s", title,
                            vt_schema_version_name(vt_context_schema(ctx), VT_AXIS_RELEASE, 1));
    }
    if (machine) {
        terms->machine = vt_engine_info_machine(info, vt_machine_builtin_name(machine));
        return terms->machine || refuse_machine(terms, machine, error);
    }
    return true;
}

/* ---- one member ---------------------------------------------------------------------------------------- */

/* One object and what the engine knows about its type. */
typedef struct Pin {
    const VtEngineTerms *terms;
    const VtObject *object;
    const VtEngineType *type; /* NULL: not a type of QOM, or its properties are not known */
} Pin;

/* Whether the engine's release has the member, by the schema. */
static bool
in_release(const Pin *pin, const VtProp *prop)
{
    VtLifeStage stage = vt_life_stage(vt_prop_life(prop), pin->terms->release);

    return stage != VT_LIFE_FUTURE && stage != VT_LIFE_REMOVED;
}

static bool
names_bus(const VtProp *prop)
{
    return prop->row->kind == VT_KIND_REF && prop->layer->refs[prop->cold->ref].flags & VT_REF_BUS;
}

/* Whether the engine accepts the member. *@ret_known is zeroed if only the schema says so. */
static bool
accepts(const Pin *pin, const VtProp *prop, VtEngineProp *ret_known)
{
    *ret_known = (VtEngineProp){NULL};
    if (pin->type && !names_bus(prop)) {
        /* QEMU has options for members of the machine that are no properties there. */
        return vt_engine_type_prop(pin->terms->info, pin->type, prop->name, ret_known) ||
               (vt_class_is_machine(vt_object_class(pin->object)) && in_release(pin, prop));
    }
    return in_release(pin, prop);
}

static bool
is_on_axis(const VtProp *prop, VtAxis axis)
{
    return prop->timeline && prop->timeline->axis == axis;
}

/* What the engine takes if it is left to itself. */
typedef struct Own {
    const char *text; /* borrowed from the info; NULL: not known */
    bool plain;       /* the text is in the form of the command line; else it is JSON */
    bool certain;     /* no machine changes it */
} Own;

static Own
own_default(const Pin *pin, const VtProp *prop, const VtEngineProp *known)
{
    const VtEngineTerms *terms = pin->terms;
    bool listed = terms->machine && vt_engine_machine_has_compat(terms->machine);
    const char *compat =
        listed && known->name ? vt_engine_machine_compat(terms->info, terms->machine, pin->type, prop->name) : NULL;

    return (Own){compat ? compat : known->value, compat != NULL, listed || !is_on_axis(prop, VT_AXIS_MACHINE)};
}

/* Whether the engine, left to itself, takes @value. If that is not known, it does not. */
static bool
agrees(const VtProp *prop, const VtProvenance *provenance, Own own, json_object *value)
{
    /* Each release decides such a value for all its machines. */
    if (provenance->from == VT_ORIGIN_RELEASE) {
        return true;
    }
    if (own.text) {
        return own.certain && (own.plain ? engine_value_reads(value, own.text) : engine_value_is(value, own.text));
    }
    return provenance->from == VT_ORIGIN_BASE && !is_on_axis(prop, VT_AXIS_MACHINE);
}

static VtEngineReason
reason_of(const VtProvenance *provenance)
{
    if (provenance->from == VT_ORIGIN_EXPLICIT || provenance->from == VT_ORIGIN_GLOBAL) {
        return VT_ENGINE_REASON_EXPLICIT;
    }
    return provenance->axis == VT_AXIS_PLATFORM ? VT_ENGINE_REASON_PLATFORM : VT_ENGINE_REASON_DIFFERS;
}

/* The value that an engine without the member amounts to, in the form of the command line: the one that the newest
 * machine or platform of its release has. For a member that is newer than the engine, this is the value that stood
 * before the member existed; for one that ended, the last one. NULL: none. The caller frees it. */
static char *
value_without(const Pin *pin, const VtProp *prop)
{
    const VtContext *ctx = vt_vm_context(vt_object_vm(pin->object));
    const VtEntry *entry = NULL;

    if (prop->timeline) {
        uint16_t version =
            vt_schema_version_in_release(vt_context_schema(ctx), prop->timeline->axis, pin->terms->release);

        entry = vt_timeline_at(ctx, prop->default_layer, prop->timeline, version);
    }
    return entry && !(entry->flags & VT_ENTRY_ABSENT) ? vt_entry_text(ctx, prop, entry) : NULL;
}

/* The value in the form of the command line; of a derived one, the value that requests the derivation. */
static char *
own_value(const Pin *pin, const VtProp *prop, const VtProvenance *provenance)
{
    const VtConfig *config = vt_object_full_config(pin->object);

    if (provenance->from == VT_ORIGIN_DERIVED && provenance->entry && !(provenance->entry->flags & VT_ENTRY_ABSENT)) {
        return vt_entry_text(vt_vm_context(vt_object_vm(pin->object)), prop, provenance->entry);
    }
    return vt_output_text(config->info->schema, prop->layer, prop->row, vt_config_field(config, prop));
}

/* Whether @without is 'auto', which means @value. */
static bool
is_meant(const Pin *pin, const VtProp *prop, const char *value, const char *without)
{
    json_object *meaning = without ? json_object_new_string(without) : NULL;
    bool meant = meaning && vt_object_settle_auto(pin->object, prop, &meaning) &&
                 g_strcmp0(value, json_object_get_string(meaning)) == 0;

    json_object_put(meaning);
    return meant;
}

/* The value must be what an engine without the member amounts to. */
static bool
check_without(const Pin *pin, const VtProp *prop, const VtProvenance *provenance, GError **error)
{
    const VtSchema *schema = vt_object_class(pin->object)->schema;
    g_autofree char *without = value_without(pin, prop), *title = NULL, *engine = NULL, *since = NULL;
    g_autofree char *value = own_value(pin, prop, provenance);
    const VtLife *life = vt_prop_life(prop);
    bool future = vt_life_stage(life, pin->terms->release) == VT_LIFE_FUTURE;

    if (g_strcmp0(value, without) == 0 || is_meant(pin, prop, value, without)) {
        return true;
    }
    title = vt_object_title(pin->object);
    engine = vt_engine_terms_title(pin->terms);
    since = life ? vt_life_span_text(schema, future ? life->introduced : life->removed) : NULL;
    return vt_error_set(error, "%s: %s: '%s' cannot be set: %s lacks the property%s%s%s, and behaves as with %s%s%s",
                        title, prop->name, prop->cold->features & VT_FEATURE_SENSITIVE ? "*" : value, engine,
                        since ? (future ? ", which came with " : ", which ended with ") : "", since ? since : "", "",
                        without ? "'" : "no value", without ? without : "", without ? "'" : "");
}

/* Whether the member is a part of the object's configuration on this target. */
static bool
is_configuration(const Pin *pin, const VtProp *prop)
{
    uint16_t target = vt_context_target(vt_vm_context(vt_object_vm(pin->object)));

    return !engine_says_served(pin->object, prop) && !prop->hidden && !prop->alias_of &&
           !(prop->row->flags & VT_ROW_IF_OFF) && !(prop->cold->features & VT_FEATURES_NO_INPUT) &&
           (!prop->cold->targets || prop->cold->targets & target);
}

static bool
pin_member(const Pin *pin, const VtProp *prop, GArray *values, GError **error)
{
    VtProvenance provenance;
    VtEngineProp known;
    VtEngineValue said = {.prop = prop};
    Own own;

    if (!is_configuration(pin, prop) || !vt_object_reports(pin->object, prop, true)) {
        return true;
    }
    provenance = vt_object_provenance(pin->object, prop);
    /* A frozen file has the value of the newest release; the release of the engine has its own. */
    if (g_strcmp0(provenance.was, vt_origin_name(VT_ORIGIN_RELEASE)) == 0) {
        provenance.from = VT_ORIGIN_RELEASE;
    }
    /* The model of an option such as -cpu stands for many objects, and each has numbers of its own. */
    if (vt_object_full_config(pin->object)->option && provenance.from == VT_ORIGIN_DERIVED) {
        return true;
    }
    if (!accepts(pin, prop, &known)) {
        return check_without(pin, prop, &provenance, error);
    }
    said.value = engine_value(pin->object, prop, known.type);
    if (json_object_is_type(said.value, json_type_object) && prop->row->kind == VT_KIND_STRUCT) {
        engine_value_omit_future(said.value, vt_object_class(pin->object)->schema, prop->row->type,
                                 pin->terms->release);
    }
    said.reason = reason_of(&provenance);
    own = own_default(pin, prop, &known);
    said.other =
        own.certain && provenance.from == VT_ORIGIN_BASE && !is_on_axis(prop, VT_AXIS_RELEASE) ? own.text : NULL;
    if (said.reason == VT_ENGINE_REASON_DIFFERS && agrees(prop, &provenance, own, said.value)) {
        if (pin->terms->pin != VT_ENGINE_PIN_ALL || !pin->type) {
            json_object_put(said.value);
            return true;
        }
        said.reason = VT_ENGINE_REASON_ALL;
    }
    g_array_append_val(values, said);
    return true;
}

/* ---- one object ---------------------------------------------------------------------------------------- */

static void
clear_value(void *value)
{
    json_object_put(((VtEngineValue *)value)->value);
}

static bool
find_type(Pin *pin, GError **error)
{
    g_autofree char *name = NULL, *title = NULL, *engine = NULL;
    const VtLife *life;

    if (!(vt_object_class(pin->object)->root->row->flags & VT_CLASS_ENGINE_TYPE)) {
        return true;
    }
    name = vt_object_qom_type(pin->object);
    pin->type = vt_engine_info_type(pin->terms->info, name);
    if (pin->type) {
        pin->type = vt_engine_type_is_known(pin->type) ? pin->type : NULL;
        return true;
    }
    title = vt_object_title(pin->object);
    engine = vt_engine_terms_title(pin->terms);
    life = vt_class_life(vt_object_class(pin->object));
    if (vt_life_stage(life, pin->terms->release) == VT_LIFE_FUTURE) {
        g_autofree char *since = vt_life_span_text(vt_object_class(pin->object)->schema, life->introduced);

        return vt_error_set(error, "%s: %s lacks the type '%s', which came with %s", title, engine, name, since);
    }
    return vt_error_set(error, "%s: %s lacks the type '%s'", title, engine, name);
}

GArray *
vt_engine_pin(const VtEngineTerms *terms, const VtObject *object, GError **error)
{
    const VtClassInfo *info = vt_object_class(object);
    g_autoptr(GArray) values = g_array_new(FALSE, FALSE, sizeof(VtEngineValue));
    Pin pin = {terms, object, NULL};

    g_array_set_clear_func(values, clear_value);
    if (!find_type(&pin, error)) {
        return NULL;
    }
    for (size_t i = 0; i < info->n_props; i++) {
        if (!pin_member(&pin, &info->props[i], values, error)) {
            return NULL;
        }
    }
    return g_steal_pointer(&values);
}

json_object *
vt_engine_creation(const VtObject *object, const GArray *values)
{
    json_object *members = json_object_new_object();

    for (guint i = 0; i < values->len; i++) {
        const VtEngineValue *said = &g_array_index(values, VtEngineValue, i);

        json_object_object_add(members, said->prop->name, json_object_get(said->value));
    }
    return vt_object_creation(object, members);
}
