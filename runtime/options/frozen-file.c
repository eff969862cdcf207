/* SPDX-License-Identifier: MIT */
/*
 * Reads "frozen", "defaults" and "machine.internal" of frozen files.
 */
#include "frozen-file.h"

#include <string.h>

#include <json-c/json.h>

#include "object/frozen-private.h"
#include "vt-runtime/error.h"

bool
vt_option_is_frozen(const char *name)
{
    static const char *const names[] = {FROZEN, DEFAULTS, ORIGINS, VERSIONS, NULL};

    return g_strv_contains(names, name);
}

VtAxis
vt_frozen_axis(const VtSchema *schema)
{
    return vt_schema_n_versions(schema, VT_AXIS_MACHINE) ? VT_AXIS_MACHINE : VT_AXIS_PLATFORM;
}

/* Checks the shape {OPTION: {ID: {…}}}. */
static bool
check_objects(const VtCommandLine *line, json_object *defaults, const char *member, const char *name, GError **error)
{
    if (!json_object_is_type(defaults, json_type_object)) {
        return vt_error_set(error, "%s: %s: expected an object", name, member);
    }
    json_object_object_foreach (defaults, option, objects) {
        if (!vt_option_root(line, option)) {
            return vt_error_set(error, "%s: %s.%s: expected an option that creates objects", name, member, option);
        }
        if (!json_object_is_type(objects, json_type_object)) {
            return vt_error_set(error, "%s: %s.%s: expected an object", name, member, option);
        }
        json_object_object_foreach (objects, id, members) {
            if (!json_object_is_type(members, json_type_object)) {
                return vt_error_set(error, "%s: %s.%s.%s: expected an object", name, member, option, id);
            }
        }
    }
    return true;
}

static bool
check_version(const VtSchema *schema, json_object *version, const char *name, GError **error)
{
    VtAxis axis = vt_frozen_axis(schema);

    if (!json_object_is_type(version, json_type_string)) {
        return vt_error_set(error, "%s: " FROZEN ": expected a string", name);
    }
    if (!vt_schema_version(schema, axis, json_object_get_string(version))) {
        return vt_error_set(error, "%s: " FROZEN ": unknown version '%s'; the newest is %s", name,
                            json_object_get_string(version),
                            vt_schema_version_name(schema, axis, vt_schema_n_versions(schema, axis)));
    }
    return true;
}

bool
vt_option_take_frozen(VtCommandLine *line, json_object *file, const char *name, GError **error)
{
    json_object *version, *defaults = NULL, *origins = NULL, *machine, *internal = NULL;
    bool frozen = json_object_object_get_ex(file, FROZEN, &version);
    const char *machine_name = vt_option_role_name(line, VT_ROLE_MACHINE);
    bool ok = true;

    json_object_object_get_ex(file, DEFAULTS, &defaults);
    json_object_object_get_ex(file, ORIGINS, &origins);
    if (!frozen) {
        if (origins) {
            return vt_error_set(error, "%s: " ORIGINS ": supported in a frozen file only", name);
        }
        return !defaults || vt_error_set(error, "%s: " DEFAULTS ": supported in a frozen file only", name);
    }
    if (line->frozen) {
        return vt_error_set(error, "%s: a second frozen file; the first is %s", name, line->frozen_where);
    }
    if (json_object_object_get_ex(file, machine_name, &machine) && json_object_is_type(machine, json_type_object)) {
        json_object_object_get_ex(machine, INTERNAL, &internal);
    }
    ok = check_version(line->schema, version, name, error) &&
         (!defaults || check_objects(line, defaults, DEFAULTS, name, error)) &&
         (!origins || check_objects(line, origins, ORIGINS, name, error)) &&
         (!internal || json_object_is_type(internal, json_type_object) ||
          vt_error_set(error, "%s: %s." INTERNAL ": expected an object", name, machine_name));
    if (!ok) {
        return false;
    }
    line->frozen = json_object_new_object();
    line->frozen_where = g_strdup(name);
    if (defaults) {
        json_object_object_add(line->frozen, DEFAULTS, json_object_get(defaults));
    }
    if (internal) {
        json_object_object_add(line->frozen, INTERNAL, json_object_get(internal));
    }
    if (origins) {
        json_object_object_add(line->frozen, ORIGINS, json_object_get(origins));
    }
    return true;
}

static void
add_origins(const VtCommandLine *line, VtContext *ctx)
{
    json_object *origins = NULL;

    if (!json_object_object_get_ex(line->frozen, ORIGINS, &origins)) {
        return;
    }
    json_object_object_foreach (origins, option, objects) {
        json_object_object_foreach (objects, id, members) {
            /* An object without an id has the name of its option. */
            vt_context_add_origins(ctx, vt_option_root(line, option)->kind, strcmp(id, option) == 0 ? NULL : id,
                                   members);
        }
    }
}

bool
vt_option_add_frozen(const VtCommandLine *line, VtContext *ctx, GError **error)
{
    json_object *defaults = NULL, *internal = NULL;

    if (!line->frozen) {
        return true;
    }
    add_origins(line, ctx);
    if (json_object_object_get_ex(line->frozen, INTERNAL, &internal)) {
        const char *machine = vt_option_role_name(line, VT_ROLE_MACHINE);
        const VtClassInfo *root = vt_option_root(line, machine);
        g_autofree char *where = g_strdup_printf("%s: %s." INTERNAL, line->frozen_where, machine);

        if (!root) {
            return vt_error_set(error, "%s: this program does not support machines", where);
        }
        vt_context_add_frozen(ctx, root->kind, NULL, internal, where);
    }
    if (!json_object_object_get_ex(line->frozen, DEFAULTS, &defaults)) {
        return true;
    }
    json_object_object_foreach (defaults, option, objects) {
        json_object_object_foreach (objects, id, members) {
            g_autofree char *where = g_strdup_printf("%s: " DEFAULTS ".%s.%s", line->frozen_where, option, id);

            vt_context_add_frozen(ctx, vt_option_root(line, option)->kind, id, members, where);
        }
    }
    return true;
}
