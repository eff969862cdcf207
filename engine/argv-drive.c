/* SPDX-License-Identifier: MIT */
/*
 * Drives: block backends with an id, which only -drive creates.
 */
#include <string.h>

#include <json-c/json.h>

#include "argv-private.h"
#include "vt-runtime/json.h"
#include "vt-runtime/role.h"
#include "vt-runtime/setting.h"

#define ROOT   "node" /* members of DriveOption that are computed */
#define DETECT "detect-format"

/* The key in -drive of the member @path of the option. A key without a dot is an old name, which QEMU has not for all.
 */
static const char *
key_of(const VtOption *option, const char *path)
{
    for (const char *const *pair = option->renames; pair && *pair; pair += 2) {
        if (strcmp(pair[1], path) == 0 && strchr(pair[0], '.')) {
            return pair[0];
        }
    }
    return path;
}

/* Adds the single values of @value to @settings, below @path. */
static void
flatten(const VtOption *option, const char *path, json_object *value, json_object *settings)
{
    if (!json_object_is_type(value, json_type_object)) {
        /* The block node may state it already, under the member's own name. */
        if (!json_object_object_get_ex(settings, path, NULL)) {
            json_object_object_add(settings, key_of(option, path), json_object_get(value));
        }
        return;
    }
    json_object_object_foreach (value, name, member) {
        g_autofree char *inner = g_strconcat(path, *path ? "." : "", name, NULL);

        flatten(option, inner, member, settings);
    }
}

/* Whether all block nodes have the member, so that a node passes it on to the node below. */
static bool
is_common(const EngineArgv *argv, const char *name)
{
    const VtClassInfo *root = vt_schema_class(vt_context_schema(argv->ctx), "blockdev");

    return vt_class_prop(root, name, strlen(name));
}

/* Adds the members of the block node @node. With @detect, the format is a node above it that only the engine knows. */
static void
add_node(const EngineArgv *argv, json_object *settings, json_object *node, bool detect)
{
    if (!json_object_is_type(node, json_type_object)) {
        json_object_object_add(settings, "file", json_object_get(node));
        return;
    }
    json_object_object_foreach (node, name, value) {
        bool below = detect && !is_common(argv, name);
        g_autofree char *path = g_strconcat(below ? "file." : "", name, NULL);

        json_object_object_add(settings, path, json_object_get(value));
    }
}

char *
engine_argv_drive(const EngineArgv *argv, const EngineObject *drive)
{
    const VtOption *option = vt_program_role(argv->program, VT_ROLE_DRIVES);
    json_object *creation = vt_engine_creation(drive->object, drive->values), *settings = json_object_new_object();
    json_object *value = vt_option_before(option, vt_object_class(drive->object)->name, creation);
    json_object *node = NULL, *detect = NULL, *interface = NULL;
    char *text;

    if (drive->slot) {
        interface = vt_object_member(drive->slot, "interface", 0);
        json_object_object_add(settings, "unit", vt_object_member(drive->slot, "unit", 0));
    }
    json_object_object_add(settings, "if", interface ? interface : json_object_new_string("none"));
    json_object_object_get_ex(value, ROOT, &node);
    json_object_object_get_ex(value, DETECT, &detect);
    json_object_get(node);
    if (node) {
        add_node(argv, settings, node, json_object_get_boolean(detect));
    }
    json_object_object_del(value, ROOT);
    json_object_object_del(value, DETECT);
    flatten(option, "", value, settings);
    text = vt_setting_text(settings);
    json_object_put(node);
    json_object_put(settings);
    json_object_put(value);
    json_object_put(creation);
    return text;
}
