/* SPDX-License-Identifier: MIT */
/*
 * vintage diff: what changes between two versions, for the defaults of classes or for a VM, and why.
 */
#include <stdio.h>
#include <string.h>

#include "tool-classes.h"
#include "vt-runtime/diff.h"
#include "vt-runtime/error.h"
#include "vt-runtime/output.h"

/* ---- ranges -------------------------------------------------------------------------------------------- */

/* "A..B": A and B; without "..", both are the same text.  B may be only a version: pc-q35-2.4..9.1. */
static void
split_range(const VtSchema *schema, const char *text, char **ret_from, char **ret_to)
{
    const char *dots = text ? strstr(text, "..") : NULL;
    const char *dash;

    *ret_from = dots ? g_strndup(text, dots - text) : g_strdup(text);
    *ret_to = g_strdup(dots ? dots + 2 : text);
    dash = dots ? strrchr(*ret_from, '-') : NULL;
    if (dash && vt_schema_version(schema, VT_AXIS_MACHINE, *ret_to)) {
        char *full = g_strdup_printf("%.*s-%s", (int)(dash - *ret_from), *ret_from, *ret_to);

        g_free(*ret_to);
        *ret_to = full;
    }
}

/* Removes the value of -machine from its argument if it is a range, and returns it. */
static char *
take_machine_range(int argc, char **argv)
{
    for (int i = 0; i + 1 < argc; i++) {
        const char *name = argv[i] + strspn(argv[i], "-");
        char *range, *end;

        if (argv[i][0] != '-' || (strcmp(name, "machine") != 0 && strcmp(name, "M") != 0) || argv[i + 1][0] == '{') {
            continue;
        }
        range = g_strdup(argv[i + 1] + (g_str_has_prefix(argv[i + 1], "type=") ? 5 : 0));
        end = range + strcspn(range, ",");
        if (!strstr(range, "..") || strstr(range, "..") > end) {
            g_free(range);
            continue;
        }
        argv[i + 1] = *end ? argv[i + 1] + (strchr(argv[i + 1], ',') + 1 - argv[i + 1]) : (char *)"";
        *end = '\0';
        return range;
    }
    return NULL;
}

/* ---- comparison ---------------------------------------------------------------------------------------- */

static bool
compare_classes(const VtSchema *schema, const VtOverrides *from, const VtOverrides *to, GPtrArray *words,
                unsigned flags, GArray *changes, GError **error)
{
    g_autoptr(VtContext) before = tool_context_new(schema, from, error);
    g_autoptr(VtContext) after = before ? tool_context_new(schema, to, error) : NULL;
    g_autoptr(GArray) classes = NULL;

    if (!after || !tool_classes_select(schema, words, vt_context_target(before), &classes, error)) {
        return false;
    }
    for (guint i = 0; i < classes->len; i++) {
        const VtClassInfo *info = g_array_index(classes, const VtClassInfo *, i);

        if (vt_class_exists(info, before) && vt_class_exists(info, after)) {
            vt_diff_classes(changes, before, after, info, flags);
        }
    }
    return true;
}

static bool
compare_vms(VtCommandLine *line, const VtOverrides *from, const VtOverrides *to, GPtrArray *words, bool settled,
            unsigned flags, GArray *changes, GError **error)
{
    g_autoptr(VtVm) before = vt_command_line_plan(line, from, error);
    g_autoptr(VtVm) after = before ? vt_command_line_plan(line, to, error) : NULL;

    if (after) {
        vt_diff_vms(changes, before, after, words, settled, flags);
    }
    return after != NULL;
}

/* ---- output -------------------------------------------------------------------------------------------- */

static void
add_unless_empty(json_object *object, const char *key, const char *value)
{
    if (value && value[0]) {
        vt_json_add_text(object, key, value);
    }
}

/* {"changes": {key: {property: {"from", "to", "axis", "since", "why", "file", "line"}}}, "objects": {key: {"from",
 * "to"}}}. A missing value is null.  "objects" has objects that exist on one side only, with their classes. */
static void
print_changes_json(GArray *changes)
{
    json_object *result = json_object_new_object(), *keys = json_object_new_object();
    json_object *objects = json_object_new_object();

    json_object_object_add(result, "changes", keys);
    json_object_object_add(result, "objects", objects);
    for (guint i = 0; i < changes->len; i++) {
        const VtDiff *change = &g_array_index(changes, VtDiff, i);
        json_object *row = json_object_new_object(), *properties;

        if (!change->property) {
            json_object_object_add(objects, change->key, row);
        } else if (!json_object_object_get_ex(keys, change->key, &properties)) {
            properties = json_object_new_object();
            json_object_object_add(keys, change->key, properties);
        }
        json_object_object_add(row, "from", json_object_get(change->from));
        json_object_object_add(row, "to", json_object_get(change->to));
        add_unless_empty(row, "axis", change->axis);
        add_unless_empty(row, "since", change->since);
        add_unless_empty(row, "why", change->why);
        if (change->erratum) {
            add_unless_empty(row, "erratum", change->erratum);
        }
        add_unless_empty(row, "file", change->file);
        if (change->line) {
            json_object_object_add(row, "line", json_object_new_int64(change->line));
        }
        if (change->property) {
            json_object_object_add(properties, change->property, row);
        }
    }
    tool_print_json(result);
}

static void
print_changes(GArray *changes, const char *from, const char *to, const char *first)
{
    g_autofree const char **headers = g_new0(const char *, 9);
    ToolTable *table;

    if (!changes->len) {
        printf("nothing changes from %s to %s\n", from, to);
        return;
    }
    memcpy(headers, (const char *[]){first, "property", from, to, "axis", "since", "schema", "why"},
           8 * sizeof headers[0]);
    table = tool_table_new(headers);
    for (guint i = 0; i < changes->len; i++) {
        const VtDiff *change = &g_array_index(changes, VtDiff, i);
        g_autofree char *old = tool_value_text(change->from);
        g_autofree char *new = tool_value_text(change->to);
        g_autofree char *position =
            change->file && change->file[0] ? g_strdup_printf("%s:%u", change->file, change->line) : NULL;

        g_autofree char *why =
            change->erratum ? g_strdup_printf("%s (%s: %s)", change->why, old, change->erratum) : g_strdup(change->why);

        tool_table_add(table, (const char *[]){change->key, change->property, old, new, change->axis, change->since,
                                               position, why});
    }
    tool_table_print(table, 0);
}

/* Returns the column heading of a side: the parts that differ. NULL: it does not differ. */
static char *
side_name(const char *machine, const char *platform, const char *release)
{
    GString *text = g_string_new(machine);

    if (platform) {
        g_string_append_printf(text, "%s%s", machine ? "/" : "platform ", platform);
    }
    if (release) {
        g_string_append_printf(text, "%srelease %s", text->len ? "/" : "", release);
    }
    return g_string_free(text, FALSE);
}

int
tool_diff(int argc, char **argv)
{
    bool settled = false, json = false;
    const char *machine = NULL, *platform = NULL, *release = NULL;
    VtOverrides from = {NULL}, to;
    const ToolOption options[] = {
        TOOL_SETTLED(&settled),
        TOOL_JSON(&json),
        {.name = "--machine", .word = "A..B", .doc = "compares two machines", .value = &machine},
        {.name = "--platform-version", .word = "P..Q", .doc = "compares two platform versions", .value = &platform},
        {.name = "--release", .word = "N..M", .doc = "compares two releases of QEMU", .value = &release},
        TOOL_TARGET(&from.target),
        TOOL_PROBE_FILE(&from.probe_file),
        {NULL},
    };
    g_auto(ToolArguments) arguments = {NULL};
    g_autofree char *range = NULL;
    g_autofree char *machine_from = NULL;
    g_autofree char *machine_to = NULL;
    g_autofree char *platform_from = NULL;
    g_autofree char *platform_to = NULL;
    g_autofree char *release_from = NULL;
    g_autofree char *release_to = NULL;
    g_autofree char *old_name = NULL;
    g_autofree char *new_name = NULL;
    g_autoptr(VtSchema) schema = NULL;
    g_autoptr(VtCommandLine) line = NULL;
    g_autoptr(GArray) changes = vt_diffs_new();
    g_autoptr(GError) error = NULL;
    unsigned flags;
    bool machines_differ, platforms_differ, releases_differ, ok;

    if (!tool_arguments_parse(&arguments, "diff", options, argc, argv)) {
        return TOOL_WRONG_USE;
    }
    range = arguments.has_vm ? take_machine_range(arguments.n_vm, arguments.vm) : NULL;
    machine = machine ? machine : range;
    schema = tool_schema_new();
    split_range(schema, machine, &machine_from, &machine_to);
    split_range(schema, platform, &platform_from, &platform_to);
    split_range(schema, release, &release_from, &release_to);
    releases_differ = g_strcmp0(release_from, release_to) != 0;
    machines_differ = g_strcmp0(machine_from, machine_to) != 0;
    platforms_differ = g_strcmp0(platform_from, platform_to) != 0;
    if (!machines_differ && !platforms_differ && !releases_differ) {
        return tool_misused("diff", "expected --machine A..B, --platform-version P..Q or --release N..M");
    }
    to = from;
    from.machine = machine_from;
    from.platform_version = platform_from;
    from.release = release_from;
    to.release = release_to;
    to.machine = machine_to;
    to.platform_version = platform_to;
    flags = json ? 0 : VT_OUTPUT_NAMES;
    if (arguments.has_vm) {
        line = tool_vm_new(schema, arguments.n_vm, arguments.vm, &error);
        ok = line && compare_vms(line, &from, &to, arguments.words, settled, flags, changes, &error);
    } else {
        ok = compare_classes(schema, &from, &to, arguments.words, flags, changes, &error);
    }
    if (!ok) {
        return tool_failed(error);
    }
    old_name = side_name(machines_differ ? machine_from : NULL, platforms_differ ? platform_from : NULL,
                         releases_differ ? release_from : NULL);
    new_name = side_name(machines_differ ? machine_to : NULL, platforms_differ ? platform_to : NULL,
                         releases_differ ? release_to : NULL);
    if (json) {
        print_changes_json(changes);
    } else {
        print_changes(changes, old_name, new_name, arguments.has_vm ? "object" : "type");
    }
    return TOOL_DONE;
}
