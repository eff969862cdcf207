/* SPDX-License-Identifier: MIT */
/*
 * vintage platform: platform versions, the features that each requires of a host, and probe results.
 */
#include "tool-platform.h"

#include <stdio.h>
#include <string.h>

#include "vt-runtime/error.h"
#include "vt-runtime/json.h"

void
tool_platform_print(json_object *list, const char *const *headers)
{
    ToolTable *table = tool_table_new(headers);
    size_t n = json_object_array_length(list);

    for (size_t i = 0; i < n; i++) {
        const char *cells[8] = {NULL};

        for (size_t k = 0; headers[k]; k++) {
            cells[k] = vt_json_member_text(json_object_array_get_idx(list, i), headers[k]);
        }
        tool_table_add(table, cells);
    }
    tool_table_print(table, 0);
}

static const char *
version_name(const VtSchema *schema, size_t version)
{
    return vt_schema_version_name(schema, VT_AXIS_PLATFORM, (uint16_t)version);
}

/* ---- probe --------------------------------------------------------------------------------------------- */

static int
probe(const VtSchema *schema, bool json, const char *probe_file)
{
    static const char *const headers[] = {"feature", "since", "host", "detail", NULL};
    const VtLayer *lowest = vt_schema_lowest(schema);
    g_autoptr(GError) error = NULL;
    g_autoptr(VtPlatform) platform = vt_platform_new(schema, 0, probe_file, &error);
    json_object *list;

    if (!platform) {
        return tool_failed(error);
    }
    list = json_object_new_array();
    for (uint32_t i = 1; i < lowest->n_features; i++) {
        json_object *row = json_object_new_object();
        const char *detail = NULL;
        VtAnswer answer = vt_platform_ask(platform, (uint16_t)i, &detail);

        vt_json_add_text(row, "feature", vt_str(lowest, lowest->features[i].name));
        vt_json_add_text(row, "since", version_name(schema, lowest->features[i].since));
        vt_json_add_text(row, "host", vt_answer_name(answer));
        vt_json_add_text(row, "detail", detail);
        json_object_array_add(list, row);
    }
    if (json) {
        tool_print_json(list);
        return TOOL_DONE;
    }
    tool_platform_print(list, headers);
    json_object_put(list);
    return TOOL_DONE;
}

/* ---- list and show ------------------------------------------------------------------------------------- */

/* The names of @list, which are texts or the names of its objects. */
static char *
joined(json_object *list)
{
    GString *text = g_string_new(NULL);

    for (size_t i = 0; i < json_object_array_length(list); i++) {
        json_object *one = json_object_array_get_idx(list, i);

        one = json_object_is_type(one, json_type_object) ? json_object_object_get(one, "name") : one;
        g_string_append_printf(text, "%s%s", i ? ", " : "", json_object_get_string(one));
    }
    return g_string_free(text, FALSE);
}

/* Returns the names of the features that a version adds. */
static json_object *
feature_names(json_object *features)
{
    json_object *names = json_object_new_array();

    for (size_t i = 0; i < json_object_array_length(features); i++) {
        json_object *name = json_object_object_get(json_object_array_get_idx(features, i), "name");

        json_object_array_add(names, json_object_get(name));
    }
    return names;
}

static int
list(const VtSchema *schema, bool json)
{
    static const char *const headers[] = {"version", "state", "adds", NULL};
    json_object *versions = vt_platform_versions(schema);
    ToolTable *table = tool_table_new(headers);

    for (size_t i = 0; i < json_object_array_length(versions); i++) {
        json_object *row = json_object_array_get_idx(versions, i);
        json_object *names = feature_names(json_object_object_get(row, "features"));
        g_autofree char *text = joined(names);

        json_object_object_add(row, "features", names);
        json_object_object_del(row, "changes");
        tool_table_add(table,
                       (const char *[]){vt_json_member_text(row, "version"), vt_json_member_text(row, "state"), text});
    }
    if (json) {
        tool_table_free(table);
        tool_print_json(versions);
    } else {
        tool_table_print(table, 0);
        json_object_put(versions);
    }
    return TOOL_DONE;
}

/* Adds the features of one version to @features. */
static void
describe_features(json_object *features, json_object *version)
{
    json_object *own = json_object_object_get(version, "features");

    for (size_t i = 0; i < json_object_array_length(own); i++) {
        json_object *one = json_object_array_get_idx(own, i), *row = json_object_new_object();

        vt_json_add_text(row, "feature", vt_json_member_text(one, "name"));
        vt_json_add_text(row, "since", vt_json_member_text(version, "version"));
        vt_json_add_text(row, "what", vt_json_member_text(one, "what"));
        json_object_array_add(features, row);
    }
}

/* Returns the changes of one version, with the features that each needs as one text. */
static json_object *
describe_changes(json_object *version)
{
    json_object *changes = json_object_get(json_object_object_get(version, "changes"));

    for (size_t i = 0; i < json_object_array_length(changes); i++) {
        json_object *row = json_object_array_get_idx(changes, i);
        g_autofree char *needs = joined(json_object_object_get(row, "needs"));

        vt_json_add_text(row, "needs", needs);
    }
    return changes;
}

static int
show(const VtSchema *schema, bool json, const char *name)
{
    static const char *const feature_headers[] = {"feature", "since", "what", NULL};
    static const char *const change_headers[] = {"type", "property", "needs", "why", NULL};
    uint16_t version = vt_schema_version(schema, VT_AXIS_PLATFORM, name);
    json_object *versions, *features, *changes;

    if (!version) {
        fprintf(stderr, "vintage: unknown platform version '%s'; expected %s to %s\n", name, version_name(schema, 1),
                version_name(schema, vt_schema_n_versions(schema, VT_AXIS_PLATFORM)));
        return TOOL_WRONG_VM;
    }
    versions = vt_platform_versions(schema);
    features = json_object_new_array();
    for (unsigned i = 0; i < version; i++) {
        describe_features(features, json_object_array_get_idx(versions, i));
    }
    changes = describe_changes(json_object_array_get_idx(versions, version - 1u));
    json_object_put(versions);
    if (json) {
        json_object *result = json_object_new_object();

        vt_json_add_text(result, "version", name);
        json_object_object_add(result, "features", features);
        json_object_object_add(result, "changes", changes);
        tool_print_json(result);
        return TOOL_DONE;
    }
    tool_print_heading("platform %s: features that a configuration may require", name);
    tool_platform_print(features, feature_headers);
    if (json_object_array_length(changes)) {
        putchar('\n');
        tool_print_heading("defaults that change with it");
        tool_platform_print(changes, change_headers);
    }
    json_object_put(features);
    json_object_put(changes);
    return TOOL_DONE;
}

/* ---- command ------------------------------------------------------------------------------------------- */

int
tool_platform(int argc, char **argv)
{
    bool json = false;
    VtOverrides overrides = {NULL};
    g_autoptr(GPtrArray) files = g_ptr_array_new();
    const ToolOption options[] = {
        TOOL_JSON(&json),
        TOOL_MACHINE(&overrides.machine),
        TOOL_TARGET(&overrides.target),
        TOOL_PLATFORM(&overrides.platform_version),
        {.name = "--probe-file",
         .word = "FILE",
         .doc = "replaces the probes of this host by a JSON file",
         .values = files},
        {NULL},
    };
    g_auto(ToolArguments) arguments = {NULL};
    g_autoptr(VtSchema) schema = tool_schema_new();
    const char *what;
    guint n;

    if (!tool_arguments_parse(&arguments, "platform", options, argc, argv)) {
        return TOOL_WRONG_USE;
    }
    if (!arguments.words->len) {
        return tool_misused("platform", "expected probe, list, show or check");
    }
    what = g_ptr_array_steal_index(arguments.words, 0);
    n = arguments.words->len;
    if (strcmp(what, "check") == 0) {
        return n + arguments.has_vm > 1 ? tool_misused("platform check", TOOL_ONE_VM)
                                        : tool_platform_check(schema, &arguments, &overrides, files, json);
    }
    if (arguments.has_vm || overrides.machine || overrides.target || overrides.platform_version) {
        return tool_misused("platform", "'%s' does not take a VM; use 'vintage platform check'", what);
    }
    if (strcmp(what, "probe") == 0 && !n && files->len <= 1) {
        return probe(schema, json, files->len ? files->pdata[0] : NULL);
    }
    if (files->len) {
        return tool_misused("platform", "'%s' takes %s --probe-file", what, strcmp(what, "probe") == 0 ? "one" : "no");
    }
    if (strcmp(what, "list") == 0 && !n) {
        return list(schema, json);
    }
    if (strcmp(what, "show") == 0 && n == 1) {
        return show(schema, json, arguments.words->pdata[0]);
    }
    return strcmp(what, "show") == 0
               ? tool_misused("platform", "show: expected one VERSION")
               : tool_misused("platform", "expected probe, list, show VERSION or check, got '%s'", what);
}
