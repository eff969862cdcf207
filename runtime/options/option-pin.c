/* SPDX-License-Identifier: MIT */
#include "vt-runtime/pin.h"

#include <string.h>

#include <json-c/json.h>

#include "options-private.h"
#include "vt-runtime/json.h"

VtCommandLine *
vt_command_line_placed(const VtCommandLine *line, json_object *config, GError **error)
{
    g_autofree char *text = vt_json_line(config);
    g_autoptr(VtCommandLine) placed = NULL;

    placed = vt_command_line_new_text(line->program, line->schema, "configuration", text, error);
    /* The user may have given sensitive values. */
    explicit_bzero(text, strlen(text));
    for (guint i = 0; placed && i < placed->given->len; i++) {
        VtSource *source = g_array_index(placed->given, VtGiven, i).source;

        source->where = g_string_chunk_insert_const(placed->labels, source->path);
    }
    return g_steal_pointer(&placed);
}

/* The value of @config at @place: "device[2]", or "cpu".  NULL: @place is none.  Borrowed. */
static json_object *
pinned_value(json_object *config, const char *place)
{
    const char *bracket = strchr(place, '[');
    g_autofree char *name = g_strndup(place, strcspn(place, "["));
    guint64 index = bracket ? g_ascii_strtoull(bracket + 1, NULL, 10) : 0;
    json_object *value = NULL;

    if (!json_object_object_get_ex(config, name, &value)) {
        return NULL;
    }
    if (!bracket) {
        /* A list with one value may stand without brackets. */
        return json_object_is_type(value, json_type_array) ? json_object_array_get_idx(value, 0) : value;
    }
    return json_object_is_type(value, json_type_array) ? json_object_array_get_idx(value, index) : NULL;
}

/* Whether a value of the option at @place creates objects such as @own: other options expand to those that do. */
static bool
creates_directly(const VtCommandLine *placed, const VtConfig *own, const char *place)
{
    g_autofree char *name = g_strndup(place, strcspn(place, "["));
    const VtOption *option = vt_program_option(placed->program, name);

    if (own->option) {
        return option == own->option;
    }
    return option && option->flags & VT_OPTION_CREATES && !option->class_suffixes &&
           strcmp(option->root, own->info->root->name) == 0;
}

/* The value of @config that has the members of @own: a creation, or an object in it.  NULL: none.  Borrowed. */
static json_object *
pinned_members(const VtCommandLine *placed, json_object *config, const VtConfig *own)
{
    const VtClassInfo *root = own->info->root;
    const char *const inside[] = {vt_str(root->layer, root->row->within), vt_str(root->layer, root->row->wrap)};
    json_object *members = NULL;

    if (own->where && creates_directly(placed, own, own->where)) {
        members = pinned_value(config, own->where);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(inside) && !own->option; i++) {
        if (inside[i][0] && !json_object_object_get_ex(members, inside[i], &members)) {
            return NULL;
        }
    }
    return json_object_is_type(members, json_type_object) ? members : NULL;
}

/* The machine's value of @config, which is added if the user named no machine.  Borrowed. */
static json_object *
pinned_machine(const VtCommandLine *placed, json_object *config)
{
    const char *name = vt_option_role_name(placed, VT_ROLE_MACHINE);
    json_object *machine = NULL;

    if (!json_object_object_get_ex(config, name, &machine)) {
        machine = json_object_new_object();
        json_object_object_add(config, name, machine);
    }
    return machine;
}

/* The value as -global takes it, which the caller frees; NULL: that has no form for it. */
static char *
pinned_text(json_object *value)
{
    switch (json_object_get_type(value)) {
    case json_type_boolean:
        return g_strdup(json_object_get_boolean(value) ? "on" : "off");
    case json_type_int:
    case json_type_string:
        return g_strdup(json_object_get_string(value));
    default:
        return NULL;
    }
}

static bool
says(json_object *object, const char *key, const char *text)
{
    json_object *value = NULL;

    return json_object_object_get_ex(object, key, &value) && g_strcmp0(json_object_get_string(value), text) == 0;
}

/* Adds a -global, unless it is there.  Two objects of one class cannot have different defaults: returns false. */
static bool
pin_global(const VtCommandLine *placed, json_object *config, const char *driver, const char *property, const char *text)
{
    const char *option = vt_option_role_name(placed, VT_ROLE_GLOBAL);
    json_object *list = NULL;

    if (!json_object_object_get_ex(config, option, &list)) {
        list = json_object_new_array();
        json_object_object_add(config, option, list);
    }
    for (size_t i = 0; i < json_object_array_length(list); i++) {
        json_object *old = json_object_array_get_idx(list, i);

        if (says(old, "driver", driver) && says(old, "property", property)) {
            return says(old, "value", text);
        }
    }
    json_object_array_add(list, vt_option_global(driver, property, text));
    return true;
}

static bool
can_be_set(const VtProp *prop)
{
    return !prop->hidden && !(prop->cold->features & VT_FEATURES_NO_INPUT);
}

bool
vt_config_pin_default(const VtCommandLine *line, json_object *config, const VtClassInfo *info, const VtProp *prop,
                      json_object *value)
{
    g_autofree char *text = value && can_be_set(prop) ? pinned_text(value) : NULL;

    return text && pin_global(line, config, info->name, prop->name, text);
}

bool
vt_config_pin(const VtCommandLine *placed, json_object *config, const VtObject *object, const VtProp *prop,
              json_object *value)
{
    const VtConfig *own = vt_object_full_config(object);
    json_object *members;

    if (!value || !can_be_set(prop)) {
        return false;
    }
    if (object == vt_vm_machine(vt_object_vm(object))) {
        members = pinned_machine(placed, config);
    } else {
        members = pinned_members(placed, config, own);
    }
    if (members) {
        json_object_object_add(members, prop->name, json_object_get(value));
        return true;
    }
    return vt_config_pin_default(placed, config, own->info, prop, value);
}

void
vt_config_override(const VtCommandLine *line, json_object *config, const VtOverrides *overrides)
{
    const VtClassInfo *root = vt_option_root(line, vt_option_role_name(line, VT_ROLE_MACHINE));

    if (overrides->machine) {
        json_object *members = pinned_machine(line, config);

        vt_json_add_text(members, vt_str(root->layer, root->row->tag_name), overrides->machine);
    }
    if (overrides->platform_version) {
        vt_json_add_text(config, vt_option_role_name(line, VT_ROLE_PLATFORM_VERSION), overrides->platform_version);
    }
    if (overrides->target) {
        vt_json_add_text(config, vt_option_role_name(line, VT_ROLE_TARGET), overrides->target);
    }
}
