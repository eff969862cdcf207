/* SPDX-License-Identifier: MIT */
/*
 * Reads the answer of query-effective-config as a configuration file.
 */
#include "frozen-file.h"

#include <string.h>

#include <json-c/json.h>

#include "vt-runtime/error.h"
#include "vt-runtime/json.h"

#define OBJECTS "objects"
#define OPTIONS "options"
#define MACHINE "/machine"

typedef struct Effective {
    const VtCommandLine *line;
    const char *name; /* of the file, for errors */
    json_object *file;
} Effective;

bool
vt_option_is_effective(const VtCommandLine *line, json_object *tree)
{
    return json_object_is_type(json_object_object_get(tree, OBJECTS), json_type_object) &&
           !vt_program_option(line->program, OBJECTS);
}

/* Adds the properties that a user can set to @to.  Returns false and sets @error if one is unknown. */
static bool
convert_properties(const Effective *in, const char *key, const VtClassInfo *info, json_object *properties,
                   json_object *to, GError **error)
{
    json_object_object_foreach (properties, name, value) {
        const VtProp *prop = vt_class_prop(info, name, strlen(name));

        if (!prop) {
            return vt_error_set(error, "%s: " OBJECTS ".%s.properties: unknown member '%s'", in->name, key, name);
        }
        /* Not under another name. */
        if (!(prop->cold->features & VT_FEATURES_NO_INPUT) && !prop->hidden && strcmp(prop->name, name) == 0) {
            json_object_object_add(to, name, json_object_get(value));
        }
    }
    return true;
}

/* The option that creates objects of @kind. */
static const VtOption *
creator_of_kind(const Effective *in, const char *kind)
{
    const VtProgram *program = in->line->program;

    for (uint32_t i = 0; kind && i < program->n_options; i++) {
        const VtClassInfo *root = vt_option_class(in->line, &program->options[i]);

        if (root && strcmp(root->kind, kind) == 0) {
            return vt_program_creator(program, root->name);
        }
    }
    return NULL;
}

static void
put_creation(const Effective *in, const VtOption *option, json_object *creation)
{
    json_object *list;

    if (!(option->flags & VT_OPTION_MULTIPLE)) {
        json_object_object_add(in->file, option->name, creation);
        return;
    }
    list = json_object_object_get(in->file, option->name);
    if (!json_object_is_type(list, json_type_array)) {
        list = json_object_new_array();
        json_object_object_add(in->file, option->name, list);
    }
    json_object_array_add(list, creation);
}

/* The id in the key of an object, borrowed; NULL: it has none. */
static const char *
id_in(const char *key, const char *kind)
{
    size_t len = strlen(kind);

    if (strchr(key, '[')) {
        return NULL;
    }
    return strncmp(key, kind, len) == 0 && key[len] == ':' ? key + len + 1 : key;
}

static bool
convert_object(const Effective *in, const char *key, json_object *object, GError **error)
{
    const char *kind = vt_json_member_text(object, "kind"), *type = vt_json_member_text(object, "type");
    const char *option_name = vt_json_member_text(object, "option"), *model = vt_json_member_text(object, "model");
    const VtOption *option =
        option_name ? vt_program_option(in->line->program, option_name) : creator_of_kind(in, kind);
    const VtClassInfo *root = option ? vt_option_class(in->line, option) : NULL;
    const VtClassInfo *info = root && type ? vt_schema_class_by_tag(in->line->schema, root, type) : NULL;
    const char *wrap, *within;
    json_object *creation, *tagged, *members;

    if (!info) {
        return vt_error_set(error, "%s: " OBJECTS ".%s: expected 'kind' and 'type' of an object", in->name, key);
    }
    creation = tagged = json_object_new_object();
    wrap = vt_str(root->layer, root->row->wrap);
    within = vt_str(root->layer, root->row->within);
    if (*within) {
        tagged = json_object_new_object();
        json_object_object_add(creation, within, tagged);
    }
    vt_json_add_text(tagged, model ? option->implied_key : vt_str(root->layer, root->row->tag_name),
                     model ? model : type);
    if (root->row->id_name && !model) {
        vt_json_add_text(creation, vt_str(root->layer, root->row->id_name), id_in(key, kind));
    }
    members = tagged;
    if (*wrap) {
        members = json_object_new_object();
        json_object_object_add(tagged, wrap, members);
    }
    if (!convert_properties(in, key, info, json_object_object_get(object, "properties"), members, error)) {
        json_object_put(creation);
        return false;
    }
    put_creation(in, option, creation);
    return true;
}

static bool
convert_machine(const Effective *in, json_object *object, GError **error)
{
    const char *option = vt_option_role_name(in->line, VT_ROLE_MACHINE), *type = vt_json_member_text(object, "type");
    VtMachineName machine = {0};
    json_object *value = json_object_new_object();
    bool ok;

    json_object_object_add(in->file, option, value);
    if (!type) {
        return vt_error_set(error, "%s: " OBJECTS "." MACHINE ": expected a 'type'", in->name);
    }
    if (!vt_machine_find(in->line->schema, type, &machine, error)) {
        g_prefix_error(error, "%s: " OBJECTS "." MACHINE ": ", in->name);
        return false;
    }
    vt_json_add_text(value, "type", type);
    ok = convert_properties(in, MACHINE, machine.family, json_object_object_get(object, "properties"), value, error);
    vt_machine_name_clear(&machine);
    return ok;
}

static bool
convert_objects(const Effective *in, json_object *objects, GError **error)
{
    json_object_object_foreach (objects, key, object) {
        bool is_machine = strcmp(key, MACHINE) == 0;

        /* What another option creates, that option creates again. */
        if (json_object_get_boolean(json_object_object_get(object, "made"))) {
            continue;
        }
        if (is_machine ? !convert_machine(in, object, error) : !convert_object(in, key, object, error)) {
            return false;
        }
    }
    return true;
}

static void
convert_role(const Effective *in, json_object *tree, const char *member, VtRole role)
{
    if (vt_program_role(in->line->program, role)) {
        vt_json_add_text(in->file, vt_option_role_name(in->line, role), vt_json_member_text(tree, member));
    }
}

json_object *
vt_option_effective_file(const VtCommandLine *line, json_object *tree, const char *name, GError **error)
{
    Effective in = {line, name, NULL};
    json_object *options = json_object_object_get(tree, OPTIONS);
    VtAxis axis = vt_frozen_axis(line->schema);

    if (!json_object_is_type(options, json_type_object)) {
        vt_error_set(error, "%s: " OPTIONS ": expected an object; it is absent where a value is sensitive", name);
        return NULL;
    }
    in.file = json_object_new_object();
    vt_json_add_text(in.file, FROZEN,
                     vt_schema_version_name(line->schema, axis, vt_schema_n_versions(line->schema, axis)));
    json_object_object_foreach (options, option, value) {
        json_object_object_add(in.file, option, json_object_get(value));
    }
    convert_role(&in, tree, "target", VT_ROLE_TARGET);
    convert_role(&in, tree, "platform-version", VT_ROLE_PLATFORM_VERSION);
    if (!convert_objects(&in, json_object_object_get(tree, OBJECTS), error)) {
        g_clear_pointer(&in.file, json_object_put);
    }
    return in.file;
}
