/* SPDX-License-Identifier: MIT */
/*
 * Secrets, which must not be in the list of processes: the engine reads them from files in memory.
 */
#include <string.h>

#include <json-c/json.h>

#include "argv-private.h"
#include "vt-runtime/json.h"

#define SECRET "secret"  /* the type of objects that have one */
#define SUFFIX "-secret" /* of a member with the id of such an object, beside the member with the text */

/* Replaces the text of the member @name by the id of an object that has it. */
static bool
move_to_object(EngineArgv *argv, json_object *value, const char *name, const char *other, GError **error)
{
    const VtClassInfo *info = vt_schema_class(vt_context_schema(argv->ctx), SECRET);
    const VtOption *option = vt_program_creator(argv->program, info->root->name);
    json_object *text = json_object_object_get(value, name), *object;
    g_autofree char *file = argv->rules->hide(json_object_get_string(text), argv->rules->opaque, error), *id = NULL;

    if (!file) {
        return false;
    }
    id = g_strdup_printf("vintage-%s-%u", name, argv->arguments->len);
    object = json_object_new_object();
    vt_json_add_text(object, "qom-type", SECRET);
    vt_json_add_text(object, "id", id);
    vt_json_add_text(object, "file", file);
    engine_argv_add(argv, option->name, vt_json_text(object));
    json_object_put(object);
    json_object_object_del(value, name);
    vt_json_add_text(value, other, id);
    return true;
}

/* The string member of the class with @feature; NULL: none, or several. */
static const VtProp *
only_prop_with(const VtClassInfo *info, unsigned feature)
{
    const VtProp *found = NULL;

    for (size_t i = 0; i < info->n_props; i++) {
        if (info->props[i].cold->features & feature && info->props[i].row->kind == VT_KIND_STR) {
            if (found) {
                return NULL;
            }
            found = &info->props[i];
        }
    }
    return found;
}

/* Replaces the text of the member @secret by the path of a file that has it. */
static bool
move_to_file(EngineArgv *argv, json_object *creation, const VtProp *secret, const VtProp *path, GError **error)
{
    json_object *text = json_object_object_get(creation, secret->name);
    g_autofree char *file = argv->rules->hide(json_object_get_string(text), argv->rules->opaque, error);

    if (file) {
        json_object_object_del(creation, secret->name);
        vt_json_add_text(creation, path->name, file);
    }
    return file;
}

bool
engine_argv_hide_in_creation(EngineArgv *argv, const VtClassInfo *info, json_object *creation, GError **error)
{
    const VtProp *path = only_prop_with(info, VT_FEATURE_HOST_PATH);

    for (size_t i = 0; argv->rules->hide && i < info->n_props; i++) {
        const VtProp *prop = &info->props[i];
        g_autofree char *other = g_strconcat(prop->name, SUFFIX, NULL);

        if (!(prop->cold->features & VT_FEATURE_SENSITIVE) || !json_object_object_get_ex(creation, prop->name, NULL)) {
            continue;
        }
        if (vt_class_prop(info, other, strlen(other))) {
            if (!move_to_object(argv, creation, prop->name, other, error)) {
                return false;
            }
        } else if (path && !move_to_file(argv, creation, prop, path, error)) {
            return false;
        }
    }
    return true;
}

static const VtRow *
row_of(const VtLayer *layer, const VtType *type, const char *name)
{
    for (unsigned i = 0; i < type->count; i++) {
        if (strcmp(vt_str(layer, layer->rows[type->first + i].name), name) == 0) {
            return &layer->rows[type->first + i];
        }
    }
    return NULL;
}

/* @value: of an option that is given once. */
static bool
hide_in_value(EngineArgv *argv, const VtOption *option, json_object *value, GError **error)
{
    const VtSchema *schema = vt_context_schema(argv->ctx);
    const VtType *type = option->type ? vt_schema_type(schema, option->type) : NULL;
    const VtLayer *layer = type ? vt_schema_type_layer(schema, option->type) : NULL;

    if (!argv->rules->hide || !type || type->kind != VT_TYPE_STRUCT || !json_object_is_type(value, json_type_object)) {
        return true;
    }
    for (unsigned i = 0; i < type->count; i++) {
        const VtRow *row = &layer->rows[type->first + i];
        const char *name = vt_str(layer, row->name);
        g_autofree char *other = g_strconcat(name, SUFFIX, NULL);

        if (layer->colds[row->cold].features & VT_FEATURE_SENSITIVE && row_of(layer, type, other) &&
            json_object_object_get_ex(value, name, NULL) && !move_to_object(argv, value, name, other, error)) {
            return false;
        }
    }
    return true;
}

bool
engine_argv_hide_in_option(EngineArgv *argv, const VtOption *option, json_object *value, GError **error)
{
    bool ok = true;

    if (!json_object_is_type(value, json_type_array)) {
        return hide_in_value(argv, option, value, error);
    }
    for (size_t i = 0; ok && i < json_object_array_length(value); i++) {
        ok = hide_in_value(argv, option, json_object_array_get_idx(value, i), error);
    }
    return ok;
}
