/* SPDX-License-Identifier: MIT */
/*
 * vintage platform: platform versions, the features that each requires of a host, and probe results.
 */
#include "tool-platform.h"

#include <stdio.h>
#include <string.h>

#include "vt-runtime/error.h"
#include "vt-runtime/host-info.h"
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

const char *
tool_platform_version(const VtSchema *schema, size_t version)
{
    return vt_schema_version_name(schema, VT_AXIS_PLATFORM, (uint16_t)version);
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
        fprintf(stderr, "vintage: unknown platform version '%s'; expected %s to %s\n", name,
                tool_platform_version(schema, 1),
                tool_platform_version(schema, vt_schema_n_versions(schema, VT_AXIS_PLATFORM)));
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

typedef struct Arguments {
    ToolArguments plain;
    VtOverrides overrides;
    GPtrArray *files;  /* --probe-file */
    GPtrArray *places; /* --hosts */
    GPtrArray *vms;    /* --vm */
    const char *path;
    bool json;
} Arguments;

/* The VM, by --vm or after "--".  NULL without @error: none is given. */
static VtCommandLine *
vm_of(const VtSchema *schema, const Arguments *arguments, GError **error)
{
    if (arguments->vms->len) {
        return tool_vm_new(schema, NULL, 1, (char **)arguments->vms->pdata, error);
    }
    return arguments->plain.has_vm ? tool_vm_new(schema, NULL, arguments->plain.n_vm, arguments->plain.vm, error)
                                   : NULL;
}

/* Sorts the words of 'plan' into a VM and places of hosts; those of 'intersect' are places. */
static void
sort_host_words(Arguments *arguments, bool plans)
{
    for (guint i = 0; i < arguments->plain.words->len; i++) {
        char *word = arguments->plain.words->pdata[i];
        bool is_host =
            !plans || strcmp(word, "-") == 0 || g_file_test(word, G_FILE_TEST_IS_DIR) || vt_host_file_is(word);

        g_ptr_array_add(is_host ? arguments->places : arguments->vms, word);
    }
}

/* Commands for many hosts. */
static int
run_hosts(const VtSchema *schema, Arguments *arguments, const char *what)
{
    bool plans = strcmp(what, "plan") == 0;
    g_autoptr(GError) error = NULL;
    g_autoptr(VtCommandLine) line = NULL;

    sort_host_words(arguments, plans);
    if (arguments->vms->len + arguments->plain.has_vm > 1) {
        return tool_misused("platform", "%s: expected one VM: a file, or '--' and its options", what);
    }
    if (arguments->overrides.platform_version || arguments->path) {
        return tool_misused("platform", "'%s' does not take %s", what, arguments->path ? "-o" : "--platform-version");
    }
    if (arguments->files->len > plans) {
        return tool_misused("platform", "'%s' takes %s --probe-file", what, plans ? "one" : "no");
    }
    if (arguments->files->len) {
        arguments->overrides.probe_file = arguments->files->pdata[0];
    }
    if (plans ? !arguments->vms->len && !arguments->plain.has_vm : !arguments->places->len) {
        return tool_misused("platform", plans ? "plan: expected a VM: a file, or '--' and its options"
                                              : "intersect: expected host files, directories, or '-'");
    }
    line = vm_of(schema, arguments, &error);
    if (error) {
        return tool_failed(error);
    }
    return plans ? tool_platform_plan(schema, line, &arguments->overrides, arguments->places, arguments->json)
                 : tool_platform_intersect(schema, line, &arguments->overrides, arguments->places, arguments->json);
}

/* Moves host files among the words to --probe-file: 'platform check HOST.json VM.json'. */
static void
take_host_files(Arguments *arguments)
{
    GPtrArray *words = arguments->plain.words;

    for (guint i = 0; i < words->len;) {
        if (vt_host_file_is(words->pdata[i])) {
            g_ptr_array_add(arguments->files, g_ptr_array_steal_index(words, i));
        } else {
            i++;
        }
    }
}

/* Commands without a VM, for one host or none. */
static int
run_one(const VtSchema *schema, const Arguments *arguments, const char *what)
{
    bool probes = strcmp(what, "probe") == 0;
    guint n = arguments->plain.words->len, n_files = arguments->files->len;

    if (arguments->plain.has_vm || arguments->vms->len || arguments->overrides.machine || arguments->overrides.target ||
        arguments->overrides.platform_version) {
        return tool_misused("platform", "'%s' does not take a VM; use 'vintage platform check'", what);
    }
    if (arguments->places->len || (arguments->path && !probes)) {
        return tool_misused("platform", "'%s' does not take %s", what, arguments->places->len ? "--hosts" : "-o");
    }
    if (probes && !n && n_files <= 1) {
        return tool_platform_probe(schema, n_files ? arguments->files->pdata[0] : NULL, arguments->path,
                                   arguments->json);
    }
    if (n_files) {
        return tool_misused("platform", "'%s' takes %s --probe-file", what, probes ? "one" : "no");
    }
    if (strcmp(what, "list") == 0 && !n) {
        return list(schema, arguments->json);
    }
    if (strcmp(what, "show") == 0) {
        return n == 1 ? show(schema, arguments->json, arguments->plain.words->pdata[0])
                      : tool_misused("platform", "show: expected one VERSION");
    }
    return tool_misused("platform", "expected probe, list, show VERSION, check, intersect or plan, got '%s'", what);
}

static int
run(const VtSchema *schema, Arguments *arguments)
{
    const char *what;

    if (!arguments->plain.words->len) {
        return tool_misused("platform", "expected probe, list, show, check, intersect or plan");
    }
    what = g_ptr_array_steal_index(arguments->plain.words, 0);
    if (strcmp(what, "intersect") == 0 || strcmp(what, "plan") == 0) {
        return run_hosts(schema, arguments, what);
    }
    if (strcmp(what, "check") != 0) {
        return run_one(schema, arguments, what);
    }
    g_ptr_array_extend(arguments->plain.words, arguments->vms, NULL, NULL);
    take_host_files(arguments);
    return arguments->plain.words->len + arguments->plain.has_vm > 1
               ? tool_misused("platform check", TOOL_ONE_VM)
               : tool_platform_check(schema, &arguments->plain, &arguments->overrides, arguments->files,
                                     arguments->json);
}

int
tool_platform(int argc, char **argv)
{
    g_autoptr(GPtrArray) files = g_ptr_array_new(), places = g_ptr_array_new(), vms = g_ptr_array_new();
    Arguments arguments = {.files = files, .places = places, .vms = vms};
    const ToolOption options[] = {
        TOOL_JSON(&arguments.json),
        TOOL_MACHINE(&arguments.overrides.machine),
        TOOL_TARGET(&arguments.overrides.target),
        TOOL_PLATFORM(&arguments.overrides.platform_version),
        {.name = "--probe-file",
         .word = "FILE",
         .doc = "replaces the probes of this host by a JSON file",
         .values = files},
        {.name = "--hosts", .word = "PLACE", .doc = "a host file, a directory of them, or '-'", .values = places},
        {.name = "--vm", .word = "FILE", .doc = "the VM", .values = vms},
        {.name = "-o", .word = "FILE", .doc = "probe: writes a host file", .value = &arguments.path},
        {NULL},
    };
    g_autoptr(VtSchema) schema = tool_schema_new();
    int status = TOOL_WRONG_USE;

    if (tool_arguments_parse(&arguments.plain, "platform", options, argc, argv)) {
        status = run(schema, &arguments);
    }
    tool_arguments_clear(&arguments.plain);
    return status;
}
