/* SPDX-License-Identifier: MIT */
/*
 * Demands: the platform features that the configuration requires of the host.
 */
#include <string.h>

#include <json-c/json.h>

#include "object/object-private.h"
#include "vt-runtime/error.h"
#include "vt-runtime/json.h"
#include "vt-runtime/output.h"

/* ---- collection ---------------------------------------------------------------------------------------- */

/* @needs: features, 0-terminated. */
static void
add_needs(GArray *demands, const VtObject *object, const VtProp *prop, const uint16_t *needs)
{
    VtPlatform *platform = vt_context_platform(object->vm->ctx);

    for (; *needs; needs++) {
        VtDemand demand = {.feature = *needs, .object = object, .prop = prop};

        demand.answer = vt_platform_ask(platform, *needs, NULL);
        g_array_append_val(demands, demand);
    }
}

static void
add_demands(GArray *demands, const VtObject *object, const VtProp *prop, const VtLayer *layer, const VtEntry *entry)
{
    add_needs(demands, object, prop, &layer->needs[entry->needs]);
}

/* Whether the configured value of the member is the value of @entry. */
static bool
has_value(const VtObject *object, const VtProp *prop, const VtLayer *layer, const VtEntry *entry)
{
    const VtSchema *schema = object->vm->schema;
    size_t size = vt_field_size(schema, prop->layer, prop->row);
    g_autofree void *field = g_malloc0(size);
    g_autofree char *theirs = NULL;
    g_autofree char *ours = NULL;
    const void *configured;
    bool present, ours_present;

    configured = vt_late_configured(object, vt_prop_index(&object->class->info, prop), &ours_present);
    present = vt_entry_settle(schema, object->vm->ctx, layer, entry, prop->layer, prop->row, field);
    if (present && ours_present) {
        theirs = vt_output_text(schema, prop->layer, prop->row, field);
        ours = vt_output_text(schema, prop->layer, prop->row, configured);
    }
    vt_field_clear(schema, prop->layer, prop->row, field);
    return present == ours_present && g_strcmp0(theirs, ours) == 0;
}

/* The entry with needs whose value the member has.  NULL if an entry without needs has the same value. */
static const VtEntry *
gate_of_given(const VtObject *object, const VtProp *prop)
{
    const VtEntry *found = NULL;

    for (unsigned i = 0; i < prop->timeline->count; i++) {
        const VtEntry *entry = &prop->default_layer->entries[prop->timeline->first + i];

        if (has_value(object, prop, prop->default_layer, entry)) {
            if (!entry->needs) {
                return NULL;
            }
            found = entry;
        }
    }
    return found;
}

/* Adds the needs of the default in force, or of the default whose value the config sets. */
static void
collect_default(GArray *demands, const VtObject *object, const VtProp *prop)
{
    const VtEntry *entry =
        vt_object_fixed(object, prop) ? gate_of_given(object, prop) : vt_object_resolve(object, prop, 0);

    if (entry && entry->needs && vt_object_condition_holds(object, prop, entry)) {
        add_demands(demands, object, prop, prop->default_layer, entry);
    }
}

static void
collect(GArray *demands, const VtObject *object)
{
    const VtClassPrivate *class = object->class;

    if (class->info.row->needs_host) {
        add_needs(demands, object, NULL, &class->info.layer->needs[class->info.row->needs_host]);
    }
    for (size_t i = 0; i < class->n_gated; i++) {
        const VtProp *prop = &class->info.props[class->gated[i]];
        const VtEntry *gate = prop->cold->gate ? &prop->layer->gates[prop->cold->gate] : NULL;

        if (prop->timeline) {
            collect_default(demands, object, prop);
        }
        if (gate && has_value(object, prop, prop->layer, gate) == !(gate->flags & VT_ENTRY_OTHER)) {
            add_demands(demands, object, prop, prop->layer, gate);
        }
    }
}

static GArray *
demands_new(void)
{
    return g_array_new(FALSE, FALSE, sizeof(VtDemand));
}

/* Most VMs have no demand.  Sorts the objects only if there is one, for a stable order of errors. */
GArray *
vt_vm_demands(const VtVm *vm)
{
    GArray *demands = demands_new();
    g_autoptr(GArray) keys = NULL;

    if (vm->machine) {
        collect(demands, vm->machine);
    }
    for (GList *link = vm->order.head; link && !demands->len; link = link->next) {
        collect(demands, link->data);
    }
    if (!demands->len) {
        return demands;
    }
    g_array_set_size(demands, 0);
    keys = vt_vm_objects(vm);
    for (guint i = 0; i < keys->len; i++) {
        collect(demands, g_array_index(keys, VtEntryKey, i).object);
    }
    return demands;
}

/* ---- errors for unmet demands ---------------------------------------------------------------------------- */

static const char *
option_of(const VtObject *object)
{
    const char *kind = object->class->info.kind;

    if (object->config->option) {
        return object->config->option->name;
    }
    if (object == object->vm->machine) {
        return "machine";
    }
    return strcmp(kind, "block-node") == 0 ? "blockdev" : kind;
}

static char *
value_text(const VtObject *object, const VtProp *prop)
{
    bool present;
    const void *field = vt_late_configured(object, vt_prop_index(&object->class->info, prop), &present);

    return present ? vt_output_text(object->vm->schema, prop->layer, prop->row, field) : NULL;
}

/* The value that the member would have without the feature: "legacy-vm-type=on".  NULL: no text expresses it. */
static char *
way_out(const VtObject *object, const VtProp *prop, uint16_t feature)
{
    const VtSchema *schema = object->vm->schema;
    const VtEntry *entry = vt_object_resolve(object, prop, feature);
    size_t size = vt_field_size(schema, prop->layer, prop->row);
    g_autofree void *field = g_malloc0(size);
    g_autofree char *text = NULL;

    if (!entry ||
        !vt_entry_settle(schema, object->vm->ctx, prop->default_layer, entry, prop->layer, prop->row, field)) {
        return NULL;
    }
    if (prop->cold->gate && prop->row->kind == VT_KIND_BOOL && has_value(object, prop, prop->default_layer, entry)) {
        *(bool *)field = !*(bool *)field; /* the default itself needs the feature */
    }
    text = vt_output_text(schema, prop->layer, prop->row, field);
    vt_field_clear(schema, prop->layer, prop->row, field);
    return text ? g_strdup_printf("%s=%s", prop->name, text) : NULL;
}

char *
vt_demand_place(const VtDemand *demand)
{
    const char *object = vt_object_display(demand->object);

    return demand->prop ? g_strdup_printf("%s.%s", object, demand->prop->name) : g_strdup(object);
}

char *
vt_demand_override(const VtDemand *demand)
{
    const VtObject *object = demand->object;
    const VtProp *prop = demand->prop;
    g_autofree char *text = prop ? way_out(object, prop, demand->feature) : NULL;
    const char *id = object->config->id;
    GString *message;

    if (!prop) {
        return g_strdup("another host"); /* no value of the object makes it work here */
    }
    message = g_string_new(NULL);
    if (!text) {
        g_autofree char *value = value_text(object, prop);

        g_string_append_printf(message, "-%s %s,… %s %s", option_of(object), object->class->info.tag,
                               value ? "without" : "with", prop->name);
        return g_string_free(message, FALSE);
    }
    g_string_append_printf(message, "-%s %s", option_of(object),
                           object == object->vm->machine ? vt_context_machine(object->vm->ctx)->name
                                                         : object->class->info.tag);
    if (id) {
        const VtClassInfo *root = object->class->info.root;

        g_string_append_printf(message, ",%s=%s", vt_str(root->layer, root->row->id_name), id);
    }
    g_string_append_printf(message, ",…,%s", text);
    return g_string_free(message, FALSE);
}

/* What requires the feature, after the title of the object: ": MEMBER=VALUE".  The caller frees it. */
static char *
describe_subject(const VtDemand *demand)
{
    g_autofree char *value = demand->prop ? value_text(demand->object, demand->prop) : NULL;

    return demand->prop ? g_strdup_printf(": %s%s%s", demand->prop->name, value ? "=" : " left out", value ? value : "")
                        : g_strdup("");
}

/* The error's members for clients.  @newest_that_works: 0: none. */
static json_object *
describe_unmet(const VtVm *vm, const VtDemand *demand, uint16_t newest_that_works, const char *override)
{
    const VtLayer *layer = vt_schema_lowest(vm->schema);
    json_object *data = json_object_new_object();

    vt_json_add_text(data, "feature", vt_str(layer, layer->features[demand->feature].name));
    if (newest_that_works) {
        vt_json_add_text(data, "version", vt_schema_version_name(vm->schema, VT_AXIS_PLATFORM, newest_that_works));
    }
    vt_json_add_text(data, "override", override);
    return data;
}

static bool
unmet(const VtVm *vm, const VtDemand *demand, uint16_t newest_that_works, GError **error)
{
    const VtLayer *layer = vt_schema_lowest(vm->schema);
    const VtFeature *feature = &layer->features[demand->feature];
    g_autoptr(GString) message = g_string_new(NULL);
    g_autofree char *title = vt_object_title(demand->object);
    g_autofree char *subject = describe_subject(demand);
    g_autofree char *override = vt_demand_override(demand);
    const char *detail = NULL;

    vt_platform_ask(vt_context_platform(vm->ctx), demand->feature, &detail);
    g_string_append_printf(message, "%s%s requires platform feature '%s'", title, subject,
                           vt_str(layer, feature->name));
    if (vt_text(layer->texts, feature->doc)[0]) {
        g_string_append_printf(message, " (%s)", vt_text(layer->texts, feature->doc));
    }
    g_string_append(message, ", which this host lacks");
    if (detail) {
        g_string_append_printf(message, " (%s)", detail);
    }
    g_string_append(message, "; use ");
    if (newest_that_works) {
        const char *option = vt_context_option(vm->ctx, VT_ROLE_PLATFORM_VERSION);

        g_string_append_printf(message, "%s%s %s, or ", option ? "--" : "", option ? option : "platform version",
                               vt_schema_version_name(vm->schema, VT_AXIS_PLATFORM, newest_that_works));
    }
    g_string_append(message, override);
    vt_error_set(error, "%s", message->str);
    if (error) {
        vt_error_set_data(*error, describe_unmet(vm, demand, newest_that_works, override));
    }
    return false;
}

static void
add_warning(GString *warning, const VtDemand *demand)
{
    const VtLayer *layer = vt_schema_lowest(demand->object->vm->schema);
    g_autofree char *title = vt_object_title(demand->object);

    g_string_append_printf(
        warning, "%s%s%s%s requires platform feature '%s', and the probe cannot determine whether this host has it",
        warning->len ? "; " : "", title, demand->prop ? ": " : "", demand->prop ? demand->prop->name : "",
        vt_str(layer, layer->features[demand->feature].name));
}

static bool
check_demands(const VtVm *vm, const GArray *demands, uint16_t newest_that_works, char **ret_warning, GError **error)
{
    g_autoptr(GString) warning = g_string_new(NULL);

    for (guint i = 0; i < demands->len; i++) {
        const VtDemand *demand = &g_array_index(demands, VtDemand, i);

        if (demand->answer == VT_ANSWER_NO) {
            return unmet(vm, demand, newest_that_works, error);
        }
        if (demand->answer == VT_ANSWER_UNKNOWN) {
            add_warning(warning, demand);
        }
    }
    if (ret_warning) {
        *ret_warning = warning->len ? g_string_free(g_steal_pointer(&warning), FALSE) : NULL;
    }
    return true;
}

bool
vt_vm_check_demands(const VtVm *vm, uint16_t newest_that_works, char **ret_warning, GError **error)
{
    g_autoptr(GArray) demands = vt_vm_demands(vm);

    return check_demands(vm, demands, newest_that_works, ret_warning, error);
}

bool
vt_demands_check_objects(const VtVm *vm, VtObject *const *objects, size_t n, GError **error)
{
    g_autoptr(GArray) demands = demands_new();

    for (size_t i = 0; i < n; i++) {
        collect(demands, objects[i]);
    }
    return check_demands(vm, demands, 0, NULL, error);
}
