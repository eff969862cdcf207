/* SPDX-License-Identifier: MIT */
/*
 * vintage diff: what changes between two versions, for the defaults of classes or for a VM, and why.
 */
#include <stdio.h>
#include <string.h>

#include "tool-diff-output.h"
#include "tool-diff-side.h"
#include "tool-terminal.h"
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
    if (dash &&
        (vt_schema_version(schema, VT_AXIS_MACHINE, *ret_to) || strspn(*ret_to, "0123456789.") == strlen(*ret_to))) {
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

/* ---- command ------------------------------------------------------------------------------------------- */

typedef struct Diff {
    bool settled, json, html, guest, defaults, given;
    const char *machine, *platform, *release, *color; /* options; the first three are ranges */
    const char *range;                                /* a word "A..B"; NULL: none */
    GPtrArray *sides;                                 /* words that name a VM */
    GPtrArray *patterns;                              /* other words */
    VtOverrides from, to;
    char *name_from, *name_to;
} Diff;

static void
diff_clear(Diff *diff)
{
    g_ptr_array_unref(diff->sides);
    g_ptr_array_unref(diff->patterns);
    g_free(diff->name_from);
    g_free(diff->name_to);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Diff, diff_clear)

/* The name of a side: the parts that differ.  NULL: it does not differ. */
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

/* Whether the versions of one VM differ; otherwise, two VMs do. */
static bool
has_range(const Diff *diff)
{
    const char *const texts[] = {diff->range, diff->machine, diff->platform, diff->release};
    bool found = false;

    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
        found |= texts[i] && strstr(texts[i], "..");
    }
    return found;
}

/* Words are a range, names of VMs, and patterns.  With a range, the name of a machine is that of its class. */
static void
sort_words(Diff *diff, const VtSchema *schema, const ToolArguments *arguments)
{
    const GPtrArray *words = arguments->words;
    guint range = words->len;

    for (guint i = 0; i < words->len && range == words->len; i++) {
        range = strstr(words->pdata[i], "..") && !strchr(words->pdata[i], '/') ? i : range;
    }
    diff->range = range < words->len ? words->pdata[range] : NULL;
    for (guint i = 0; i < words->len; i++) {
        if (i != range) {
            bool is_vm =
                has_range(diff) ? diff_side_is_file(words->pdata[i]) : diff_side_is_one(schema, words->pdata[i]);

            g_ptr_array_add(is_vm ? diff->sides : diff->patterns, words->pdata[i]);
        }
    }
}

/* In a range "8.2..9.2", the versions are of the machine of the VM, or of the default machine.  Returns the range with
 * names of machines, which the caller frees. */
static char *
name_machines(const Diff *diff, const VtSchema *schema, VtCommandLine *line, GError **error)
{
    const char *dots = strstr(diff->range, "..");
    g_autofree char *first = g_strndup(diff->range, (gsize)(dots - diff->range));
    g_autoptr(VtCommandLine) empty = NULL;
    g_autoptr(VtVm) vm = NULL;

    if (!vt_schema_version(schema, VT_AXIS_MACHINE, first)) {
        return g_strdup(diff->range);
    }
    empty = line ? NULL : tool_vm_new(schema, 0, NULL, error);
    if (!line && !empty) {
        return NULL;
    }
    vm = vt_command_line_plan(line ? line : empty, &diff->from, error);
    return vm ? g_strdup_printf("%s-%s", vt_context_machine(vt_vm_context(vm))->family->name, diff->range) : NULL;
}

static bool
compare_versions(Diff *diff, const VtSchema *schema, VtCommandLine *line, GArray *changes, GError **error)
{
    g_autofree char *machines = diff->range ? name_machines(diff, schema, line, error) : g_strdup(diff->machine);
    g_autofree char *machine_from = NULL, *machine_to = NULL, *platform_from = NULL, *platform_to = NULL;
    g_autofree char *release_from = NULL, *release_to = NULL;
    bool machines_differ, platforms_differ, releases_differ;
    unsigned flags = diff->json ? 0 : VT_OUTPUT_NAMES;
    g_autoptr(GPtrArray) exact = g_ptr_array_new();

    if (diff->range && !machines) {
        return false;
    }
    split_range(schema, machines, &machine_from, &machine_to);
    split_range(schema, diff->platform, &platform_from, &platform_to);
    split_range(schema, diff->release, &release_from, &release_to);
    releases_differ = g_strcmp0(release_from, release_to) != 0;
    machines_differ = g_strcmp0(machine_from, machine_to) != 0;
    platforms_differ = g_strcmp0(platform_from, platform_to) != 0;
    if (!machines_differ && !platforms_differ && !releases_differ) {
        return vt_error_set(error, "%s: expected two versions that differ",
                            diff->range      ? diff->range
                            : diff->machine  ? "--machine"
                            : diff->platform ? "--platform-version"
                                             : "--release");
    }
    diff->to = diff->from;
    diff->from.machine = machine_from;
    diff->from.platform_version = platform_from;
    diff->from.release = release_from;
    diff->to.release = release_to;
    diff->to.machine = machine_to;
    diff->to.platform_version = platform_to;
    diff->name_from = side_name(machines_differ ? machine_from : NULL, platforms_differ ? platform_from : NULL,
                                releases_differ ? release_from : NULL);
    diff->name_to = side_name(machines_differ ? machine_to : NULL, platforms_differ ? platform_to : NULL,
                              releases_differ ? release_to : NULL);
    if (line) {
        return compare_vms(line, &diff->from, &diff->to, exact, diff->settled, flags, changes, error);
    }
    /* A word without a wildcard names a type, and an unknown one is an error. */
    for (guint i = diff->patterns->len; i-- > 0;) {
        if (!strpbrk(diff->patterns->pdata[i], "*?.")) {
            g_ptr_array_add(exact, diff->patterns->pdata[i]);
        }
    }
    if (exact->len && exact->len == diff->patterns->len) {
        g_ptr_array_set_size(diff->patterns, 0);
    } else {
        g_ptr_array_set_size(exact, 0);
    }
    return compare_classes(schema, &diff->from, &diff->to, exact, flags, changes, error);
}

static bool
compare_sides(Diff *diff, const VtSchema *schema, VtCommandLine *line, GArray *changes, GError **error)
{
    g_auto(DiffSide) first = {NULL}, second = {NULL};
    g_autoptr(GPtrArray) all = g_ptr_array_new();
    g_autoptr(VtVm) vm = NULL;

    diff->from.machine = diff->machine;
    diff->from.platform_version = diff->platform;
    diff->from.release = diff->release;
    if (!diff_side_open(&first, schema, diff->sides->pdata[0], &diff->from, error) ||
        (diff->sides->len > 1 && !diff_side_open(&second, schema, diff->sides->pdata[1], &diff->from, error))) {
        return false;
    }
    vm = line ? vt_command_line_plan(line, &diff->from, error) : NULL;
    if (line && !vm) {
        return false;
    }
    diff->name_from = g_strdup(first.name);
    diff->name_to = g_strdup(line ? "the VM after '--'" : second.name);
    vt_diff_vms(changes, first.vm, line ? vm : second.vm, all, diff->settled, diff->json ? 0 : VT_OUTPUT_NAMES);
    return true;
}

/* A single file beside a range is the VM whose machine changes. */
static bool
compare(Diff *diff, const VtSchema *schema, VtCommandLine *line, GArray *changes, GError **error)
{
    g_autoptr(VtCommandLine) file = NULL;

    if (!has_range(diff)) {
        return compare_sides(diff, schema, line, changes, error);
    }
    if (diff->sides->len) {
        file = tool_vm_new(schema, 1, (char **)diff->sides->pdata, error);
        if (!file) {
            return false;
        }
    }
    return compare_versions(diff, schema, file ? file : line, changes, error);
}

static void
print_changes(const Diff *diff, GArray *changes, bool classes)
{
    const DiffFilter filter = {diff->guest, diff->defaults, diff->given, diff->patterns};
    const DiffSides sides = {diff->name_from, diff->name_to, classes};

    diff_filter(changes, &filter);
    if (diff->json) {
        tool_print_json(diff_json(changes));
    } else if (diff->html) {
        diff_print_html(changes, &sides);
    } else {
        terminal_start_pager();
        diff_print_text(changes, &sides);
        terminal_end_pager();
    }
}

/* What is wrong with the use of the command; NULL: nothing. */
static const char *
misuse(const Diff *diff, bool has_vm)
{
    bool ranges = has_range(diff);
    guint vms = diff->sides->len + has_vm;

    if (!terminal_set_color(diff->color)) {
        return "--color: expected auto, always or never";
    }
    if (diff->range && diff->machine) {
        return "expected one range of machines";
    }
    if (ranges && vms > 1) {
        return "expected one VM with two versions, or two VMs";
    }
    if (!ranges && vms != 2) {
        return "expected two versions, as 8.2..9.2, or two VMs";
    }
    return diff->json && diff->html ? "expected --json or --html" : NULL;
}

int
tool_diff(int argc, char **argv)
{
    g_auto(Diff) diff = {.sides = g_ptr_array_new(), .patterns = g_ptr_array_new()};
    const ToolOption options[] = {
        TOOL_SETTLED(&diff.settled),
        TOOL_JSON(&diff.json),
        {.name = "--html", .doc = "prints a page for a browser", .flag = &diff.html},
        {.name = "--guest-visible", .doc = "leaves out what the guest does not see", .flag = &diff.guest},
        {.name = "--changed", .doc = "leaves out values that the user set", .flag = &diff.defaults},
        {.name = "--explicit", .doc = "leaves out values that the user did not set", .flag = &diff.given},
        {.name = "--machine", .word = "A..B", .doc = "compares two machines", .value = &diff.machine},
        {.name = "--platform-version",
         .word = "P..Q",
         .doc = "compares two platform versions",
         .value = &diff.platform},
        {.name = "--release", .word = "N..M", .doc = "compares two releases of QEMU", .value = &diff.release},
        TOOL_TARGET(&diff.from.target),
        TOOL_PROBE_FILE(&diff.from.probe_file),
        {.name = "--color", .word = "WHEN", .doc = "uses colours: auto, always or never", .value = &diff.color},
        {NULL},
    };
    g_auto(ToolArguments) arguments = {NULL};
    g_autofree char *range = NULL;
    g_autoptr(VtSchema) schema = NULL;
    g_autoptr(VtCommandLine) line = NULL;
    g_autoptr(GArray) changes = vt_diffs_new();
    g_autoptr(GError) error = NULL;
    const char *wrong;

    if (!tool_arguments_parse(&arguments, "diff", options, argc, argv)) {
        return TOOL_WRONG_USE;
    }
    range = arguments.has_vm ? take_machine_range(arguments.n_vm, arguments.vm) : NULL;
    diff.machine = diff.machine ? diff.machine : range;
    schema = tool_schema_new();
    sort_words(&diff, schema, &arguments);
    wrong = misuse(&diff, arguments.has_vm);
    if (wrong) {
        return tool_misused("diff", "%s", wrong);
    }
    line = arguments.has_vm ? tool_vm_new(schema, arguments.n_vm, arguments.vm, &error) : NULL;
    if ((arguments.has_vm && !line) || !compare(&diff, schema, line, changes, &error)) {
        return tool_failed(error);
    }
    print_changes(&diff, changes, !arguments.has_vm && !diff.sides->len);
    return TOOL_DONE;
}
