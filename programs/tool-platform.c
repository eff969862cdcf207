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

/* Returns the names of the features of @version, in schema order. */
static json_object *
features_of(const VtSchema *schema, uint16_t version)
{
    const VtLayer *lowest = vt_schema_lowest(schema);
    json_object *list = json_object_new_array();

    for (uint32_t i = 1; i < lowest->n_features; i++) {
        if (lowest->features[i].since == version) {
            json_object_array_add(list, json_object_new_string(vt_str(lowest, lowest->features[i].name)));
        }
    }
    return list;
}

char *
tool_platform_joined(json_object *list, const char *between)
{
    GString *text = g_string_new(NULL);

    for (size_t i = 0; i < json_object_array_length(list); i++) {
        g_string_append_printf(text, "%s%s", i ? between : "",
                               json_object_get_string(json_object_array_get_idx(list, i)));
    }
    return g_string_free(text, FALSE);
}

static int
list(const VtSchema *schema, bool json)
{
    static const char *const headers[] = {"version", "state", "adds", NULL};
    json_object *rows = json_object_new_array();
    ToolTable *table = tool_table_new(headers);

    for (unsigned version = 1; version <= vt_schema_n_versions(schema, VT_AXIS_PLATFORM); version++) {
        const char *state = version == vt_schema_open_version(schema, VT_AXIS_PLATFORM) ? "open" : "closed";
        json_object *row = json_object_new_object(), *features = features_of(schema, (uint16_t)version);
        g_autofree char *text = tool_platform_joined(features, ", ");

        vt_json_add_text(row, "version", tool_platform_version(schema, version));
        vt_json_add_text(row, "state", state);
        json_object_object_add(row, "features", features);
        json_object_array_add(rows, row);
        tool_table_add(table, (const char *[]){tool_platform_version(schema, version), state, text});
    }
    if (json) {
        tool_table_free(table);
        tool_print_json(rows);
    } else {
        tool_table_print(table, 0);
        json_object_put(rows);
    }
    return TOOL_DONE;
}

static void
add_entry(json_object *changes, const VtClassInfo *info, const VtProp *prop, const VtEntry *entry)
{
    const VtLayer *lowest = vt_schema_lowest(info->schema);
    json_object *row = json_object_new_object(), *needs = json_object_new_array();
    g_autofree char *text = NULL;

    vt_json_add_text(row, "type", info->name);
    vt_json_add_text(row, "property", prop->name);
    for (const uint16_t *need = &prop->default_layer->needs[entry->needs]; entry->needs && *need; need++) {
        json_object_array_add(needs, json_object_new_string(vt_str(lowest, lowest->features[*need].name)));
    }
    text = tool_platform_joined(needs, ", ");
    json_object_put(needs);
    vt_json_add_text(row, "needs", text);
    vt_json_add_text(row, "why", vt_text(prop->default_layer->texts, entry->why));
    json_object_array_add(changes, row);
}

/* Returns the members whose default changes in @version, or depends on a feature of it. */
static json_object *
changes_of(const VtSchema *schema, uint16_t version)
{
    const VtLayer *lowest = vt_schema_lowest(schema);
    json_object *changes = json_object_new_array();

    for (const VtClassInfo *const *info = vt_schema_classes(schema); *info; info++) {
        for (size_t i = 0; i < (*info)->n_props; i++) {
            const VtProp *prop = &(*info)->props[i];

            /* Only for the class that defines the member, not for its subclasses. */
            for (unsigned k = 0; prop->timeline && !prop->alias_of && prop->owner == *info && k < prop->timeline->count;
                 k++) {
                const VtEntry *entry = &prop->default_layer->entries[prop->timeline->first + k];
                bool ours = prop->timeline->axis == VT_AXIS_PLATFORM && entry->since == version;

                for (const uint16_t *need = &prop->default_layer->needs[entry->needs]; entry->needs && *need; need++) {
                    ours = ours || lowest->features[*need].since == version;
                }
                if (ours) {
                    add_entry(changes, *info, prop, entry);
                }
            }
        }
    }
    return changes;
}

static json_object *
describe_features(const VtSchema *schema, uint16_t version)
{
    const VtLayer *lowest = vt_schema_lowest(schema);
    json_object *rows = json_object_new_array();

    for (uint32_t i = 1; i < lowest->n_features; i++) {
        if (lowest->features[i].since <= version) {
            json_object *row = json_object_new_object();

            vt_json_add_text(row, "feature", vt_str(lowest, lowest->features[i].name));
            vt_json_add_text(row, "since", tool_platform_version(schema, lowest->features[i].since));
            vt_json_add_text(row, "what", vt_text(lowest->texts, lowest->features[i].doc));
            json_object_array_add(rows, row);
        }
    }
    return rows;
}

static int
show(const VtSchema *schema, bool json, const char *name)
{
    static const char *const feature_headers[] = {"feature", "since", "what", NULL};
    static const char *const change_headers[] = {"type", "property", "needs", "why", NULL};
    uint16_t version = vt_schema_version(schema, VT_AXIS_PLATFORM, name);
    json_object *features, *changes;

    if (!version) {
        fprintf(stderr, "vintage: unknown platform version '%s'; expected %s to %s\n", name,
                tool_platform_version(schema, 1),
                tool_platform_version(schema, vt_schema_n_versions(schema, VT_AXIS_PLATFORM)));
        return TOOL_WRONG_VM;
    }
    features = describe_features(schema, version);
    changes = changes_of(schema, version);
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
        return tool_vm_new(schema, 1, (char **)arguments->vms->pdata, error);
    }
    return arguments->plain.has_vm ? tool_vm_new(schema, arguments->plain.n_vm, arguments->plain.vm, error) : NULL;
}

/* Commands for many hosts. */
static int
run_hosts(const VtSchema *schema, Arguments *arguments, const char *what)
{
    bool plans = strcmp(what, "plan") == 0;
    g_autoptr(GError) error = NULL;
    g_autoptr(VtCommandLine) line = NULL;

    if (arguments->vms->len + arguments->plain.has_vm > 1) {
        return tool_misused("platform", "%s: expected one VM, by --vm or after '--'", what);
    }
    for (guint i = 0; i < arguments->plain.words->len; i++) {
        g_ptr_array_add(arguments->places, arguments->plain.words->pdata[i]);
    }
    if (plans ? !arguments->vms->len && !arguments->plain.has_vm : !arguments->places->len) {
        return tool_misused("platform", plans ? "plan: expected a VM, by --vm or after '--'"
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
        if (arguments->files->len == 1 && strcmp(what, "plan") == 0) {
            arguments->overrides.probe_file = arguments->files->pdata[0];
        }
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
