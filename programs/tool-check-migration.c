/* SPDX-License-Identifier: MIT */
/*
 * vintage check-migration: whether a VM can migrate to another VM, or to hosts; or what breaks it, and what fixes it.
 */
#include <stdio.h>
#include <string.h>

#include "tool-hosts.h"
#include "tool-platform.h"
#include "vt-runtime/contract.h"
#include "vt-runtime/error.h"
#include "vt-runtime/input.h"
#include "vt-runtime/json.h"
#include "vt-runtime/open-file.h"

#define CONTRACT_MAX ((size_t)64 << 20)

/* One end of the migration: a VM, or the contract of one. */
typedef struct End {
    const char *name; /* in output */
    VtCommandLine *line;
    VtVm *vm;
    json_object *contract;
} End;

static void
end_clear(End *end)
{
    g_clear_pointer(&end->vm, vt_vm_free);
    g_clear_pointer(&end->line, vt_command_line_free);
    json_object_put(end->contract);
}

/* What the source needs of hosts, and what they answer. */
typedef struct Hosts {
    json_object *needed; /* of the contract */
    uint16_t *features;  /* by index of @needed */
    ToolSome *no, *unknown;
    ToolSome lack, doubt; /* hosts that lack something, or may */
    ToolCount count;      /* of the VM; used if the source is one */
    guint64 n;
} Hosts;

typedef struct Migration {
    VtSchema *schema;
    VtOverrides overrides;
    GPtrArray *places;
    End source, target;
    GArray *differences; /* of VtContractDifference; NULL: there is no target */
    GError *blocker;     /* NULL: nothing blocks the migration */
    Hosts hosts;
} Migration;

/* ---- ends ------------------------------------------------------------------------------------------------ */

/* Sets the contract of @end if @path is a file with one. */
static bool
read_contract(Migration *check, End *end, const char *path, GError **error)
{
    uint16_t type = vt_schema_find_type(check->schema, "MigrationContract");
    g_autofree void *data = NULL;
    g_autoptr(VtInput) input = NULL, again = NULL;
    size_t len;
    const char *why;
    g_autofree char *text = vt_file_read(path, CONTRACT_MAX, &len, &why);
    json_object *tree;

    if (!text) {
        return vt_error_set(error, "%s: cannot be read: %s", path, why);
    }
    input = vt_input_new_json_at(text, len, path, NULL, 1, 1);
    tree = vt_input_to_object(input, NULL);
    if (!json_object_is_type(tree, json_type_object) || !json_object_object_get_ex(tree, "objects", NULL)) {
        json_object_put(tree);
        return true; /* another file */
    }
    data = g_malloc0(vt_schema_type(check->schema, type)->size);
    again = vt_input_new_json_at(text, len, path, NULL, 1, 1);
    if (!vt_input_visit_type(again, check->schema, NULL, type, data, error)) {
        json_object_put(tree);
        return false;
    }
    vt_struct_clear(check->schema, type, data);
    end->contract = tree;
    return true;
}

static bool
plan_end(Migration *check, End *end, GError **error)
{
    VtOverrides overrides = check->overrides;

    if (!end->line) {
        return false;
    }
    overrides.no_probes = true;
    end->vm = vt_command_line_plan(end->line, &overrides, error);
    if (!end->vm) {
        return false;
    }
    end->contract = vt_vm_contract(end->vm);
    return true;
}

static bool
open_file(Migration *check, End *end, char *path, GError **error)
{
    end->name = path;
    if (tool_word_is_text(path) && !read_contract(check, end, path, error)) {
        return false;
    }
    if (end->contract) {
        return true;
    }
    end->line = tool_vm_new(check->schema, NULL, 1, &path, error);
    return plan_end(check, end, error);
}

/* Opens the ends: files, and what follows "--". */
static bool
open_ends(Migration *check, const ToolArguments *arguments, GError **error)
{
    End *const ends[] = {&check->source, &check->target};
    guint n = arguments->words->len;

    for (guint i = 0; i < n; i++) {
        if (!open_file(check, ends[i], arguments->words->pdata[i], error)) {
            return false;
        }
    }
    if (!arguments->has_vm) {
        return true;
    }
    ends[n]->name = n ? "destination" : "source";
    ends[n]->line = tool_vm_new(check->schema, NULL, arguments->n_vm, arguments->vm, error);
    return plan_end(check, ends[n], error);
}

static void
find_blocker(Migration *check)
{
    VtOverrides overrides = check->overrides;
    g_autoptr(VtVm) vm = NULL;

    overrides.no_probes = true;
    overrides.migratable = true;
    vm = check->source.line ? vt_command_line_plan(check->source.line, &overrides, &check->blocker) : NULL;
}

/* ---- hosts ----------------------------------------------------------------------------------------------- */

static void
hosts_clear(Hosts *hosts)
{
    for (size_t i = 0; hosts->no && i < json_object_array_length(hosts->needed); i++) {
        tool_some_clear(&hosts->no[i]);
        tool_some_clear(&hosts->unknown[i]);
    }
    tool_some_clear(&hosts->lack);
    tool_some_clear(&hosts->doubt);
    tool_count_clear(&hosts->count);
    g_free(hosts->features);
    g_free(hosts->no);
    g_free(hosts->unknown);
}

/* A file of a newer program may need features that this one does not know. */
static bool
hosts_init(Migration *check, GError **error)
{
    Hosts *hosts = &check->hosts;
    const VtLayer *lowest = vt_schema_lowest(check->schema);
    size_t n;

    hosts->needed = json_object_object_get(check->source.contract, "features");
    n = json_object_array_length(hosts->needed);
    hosts->features = g_new0(uint16_t, n + 1);
    hosts->no = g_new0(ToolSome, n + 1);
    hosts->unknown = g_new0(ToolSome, n + 1);
    for (size_t i = 0; i < n; i++) {
        const char *name = vt_json_member_text(json_object_array_get_idx(hosts->needed, i), "feature");

        for (uint32_t f = 1; f < lowest->n_features; f++) {
            hosts->features[i] =
                strcmp(vt_str(lowest, lowest->features[f].name), name) == 0 ? (uint16_t)f : hosts->features[i];
        }
        if (!hosts->features[i]) {
            return vt_error_set(error, "%s: features[%zu]: unknown platform feature '%s'", check->source.name, i, name);
        }
    }
    return !check->source.line ||
           tool_count_init(&hosts->count, check->schema, check->source.line, &check->overrides, error);
}

static bool
count_needs(VtPlatform *host, const char *name, void *opaque, GError **error)
{
    Migration *check = opaque;
    Hosts *hosts = &check->hosts;
    bool lacks = false, doubtful = false;

    hosts->n++;
    for (size_t i = 0; i < json_object_array_length(hosts->needed); i++) {
        VtAnswer answer = vt_platform_ask(host, hosts->features[i], NULL);

        if (answer == VT_ANSWER_NO) {
            lacks = true;
            tool_some_add(&hosts->no[i], name);
        } else if (answer == VT_ANSWER_UNKNOWN) {
            doubtful = true;
            tool_some_add(&hosts->unknown[i], name);
        }
    }
    if (lacks) {
        tool_some_add(&hosts->lack, name);
    } else if (doubtful) {
        tool_some_add(&hosts->doubt, name);
    }
    return !check->source.line || tool_count_host(host, name, &hosts->count, error);
}

/* ---- the answer ------------------------------------------------------------------------------------------ */

static const char *
answer_of(const Migration *check)
{
    if (check->blocker || (check->differences && check->differences->len) || check->hosts.lack.n) {
        return "no";
    }
    return check->hosts.doubt.n ? "unknown" : "yes";
}

/* What the destination needs to agree.  The caller frees it. */
static char *
fix_difference(const Migration *check, const VtContractDifference *one)
{
    json_object *object =
        json_object_object_get(json_object_object_get(check->source.contract, "objects"), one->object);
    const char *type = object ? vt_json_member_text(object, "type") : NULL;
    g_autofree char *value = one->source ? tool_value_text(one->source) : NULL;

    if (!*one->object) {
        return g_strdup_printf("give the destination --%s %s", one->member, value ? value : "");
    }
    if (strcmp(one->member, "type") == 0) {
        return one->source ? g_strdup_printf("give the destination a %s '%s'", value, one->object)
                           : g_strdup_printf("remove '%s' from the destination", one->object);
    }
    return one->source ? g_strdup_printf("give %s '%s' of the destination %s=%s", type, one->object, one->member, value)
                       : g_strdup_printf("remove %s from '%s' of the destination", one->member, one->object);
}

/* The newest platform version that all hosts support, as an option; NULL: none.  The caller frees it. */
static char *
common_version(const Migration *check)
{
    uint16_t newest = check->source.line && check->hosts.n ? tool_count_newest(&check->hosts.count) : 0;

    return newest ? g_strdup_printf("--platform-version %s", tool_platform_version(check->schema, newest)) : NULL;
}

static void
add_answering(json_object *row, const char *answer, const ToolSome *some)
{
    json_object *object = json_object_new_object(), *names = json_object_new_array();

    for (size_t i = 0; i < TOOL_HOSTS_NAMED && some->names[i]; i++) {
        json_object_array_add(names, json_object_new_string(some->names[i]));
    }
    json_object_object_add(object, "hosts", json_object_new_uint64(some->n));
    json_object_object_add(object, "first", names);
    json_object_object_add(row, answer, object);
}

static json_object *
answer_json(const Migration *check)
{
    json_object *result = json_object_new_object(), *list = json_object_new_array();
    g_autofree char *version = common_version(check);

    vt_json_add_text(result, "answer", answer_of(check));
    if (check->blocker) {
        vt_json_add_text(result, "blocker", check->blocker->message);
    }
    for (guint i = 0; check->differences && i < check->differences->len; i++) {
        const VtContractDifference *one = &g_array_index(check->differences, VtContractDifference, i);
        g_autofree char *fix = fix_difference(check, one);
        json_object *row = json_object_new_object();

        vt_json_add_text(row, "object", one->object);
        vt_json_add_text(row, "member", one->member);
        json_object_object_add(row, "source", json_object_get(one->source));
        json_object_object_add(row, "destination", json_object_get(one->other));
        vt_json_add_text(row, "fix", fix);
        json_object_array_add(list, row);
    }
    json_object_object_add(result, "differences", list);
    list = json_object_new_array();
    for (size_t i = 0; check->hosts.n && i < json_object_array_length(check->hosts.needed); i++) {
        json_object *row = NULL;

        if (check->hosts.no[i].n || check->hosts.unknown[i].n) {
            json_object_deep_copy(json_object_array_get_idx(check->hosts.needed, i), &row, NULL);
            add_answering(row, "no", &check->hosts.no[i]);
            add_answering(row, "unknown", &check->hosts.unknown[i]);
            json_object_array_add(list, row);
        }
    }
    json_object_object_add(result, "features", list);
    if (version) {
        vt_json_add_text(result, "use", version);
    }
    return result;
}

/* Prints a feature once, with all that needs it: entry @i of the needed ones is the first. */
static void
print_feature(const Migration *check, size_t i, const char *answer, const ToolSome *some)
{
    const char *feature = vt_json_member_text(json_object_array_get_idx(check->hosts.needed, i), "feature");
    g_autofree char *where = tool_some_text(some);
    const char *between = ": ";

    if (!some->n) {
        return;
    }
    printf("%s: %s on %s", feature, answer, where);
    for (size_t k = i; k < json_object_array_length(check->hosts.needed); k++) {
        json_object *row = json_object_array_get_idx(check->hosts.needed, k);
        const char *property = vt_json_member_text(row, "property");

        if (strcmp(vt_json_member_text(row, "feature"), feature) == 0) {
            printf("%s%s%s%s", between, vt_json_member_text(row, "object"), property ? "." : "",
                   property ? property : "");
            between = ", ";
        }
    }
    putchar('\n');
}

static bool
is_first(const Migration *check, size_t i)
{
    for (size_t k = 0; k < i; k++) {
        if (check->hosts.features[k] == check->hosts.features[i]) {
            return false;
        }
    }
    return true;
}

/* Prints what hosts lack, and what fixes it: a version, or else values. */
static void
print_hosts(const Migration *check)
{
    g_autofree char *version = common_version(check);
    size_t n = check->hosts.n ? json_object_array_length(check->hosts.needed) : 0;

    for (size_t i = 0; i < n; i++) {
        if (is_first(check, i)) {
            print_feature(check, i, "no", &check->hosts.no[i]);
            print_feature(check, i, "unknown", &check->hosts.unknown[i]);
        }
    }
    if (version && (check->hosts.lack.n || check->hosts.doubt.n)) {
        printf("use %s, which all of them support\n", version);
    }
    for (size_t i = 0; !version && i < n; i++) {
        if (check->hosts.no[i].n || check->hosts.unknown[i].n) {
            printf("use %s\n", vt_json_member_text(json_object_array_get_idx(check->hosts.needed, i), "override"));
        }
    }
}

static void
print_answer(const Migration *check)
{
    puts(answer_of(check));
    if (check->blocker) {
        printf("%s\n", check->blocker->message);
    }
    for (guint i = 0; check->differences && i < check->differences->len; i++) {
        const VtContractDifference *one = &g_array_index(check->differences, VtContractDifference, i);
        g_autofree char *fix = fix_difference(check, one), *source = tool_value_text(one->source),
                        *other = tool_value_text(one->other);

        printf("%s%s%s: %s at the source, %s at the destination; %s\n", one->object, *one->object ? "." : "",
               one->member, source, other, fix);
    }
    print_hosts(check);
}

/* ---- command --------------------------------------------------------------------------------------------- */

static int
run_check_migration(Migration *check, const ToolArguments *arguments, bool json)
{
    g_autoptr(GError) error = NULL;
    const char *answer;

    check->schema = tool_schema_new();
    if (!open_ends(check, arguments, &error)) {
        return tool_failed(error);
    }
    find_blocker(check);
    if (check->target.contract) {
        check->differences = vt_contract_compare(check->source.contract, check->target.contract);
    }
    if (check->places->len &&
        (!hosts_init(check, &error) || !tool_hosts_each(check->schema, check->places, count_needs, check, &error))) {
        return tool_failed(error);
    }
    if (json) {
        tool_print_json(answer_json(check));
    } else {
        print_answer(check);
    }
    answer = answer_of(check);
    return strcmp(answer, "yes") == 0 ? TOOL_DONE : strcmp(answer, "no") == 0 ? TOOL_WRONG_VM : TOOL_INCOMPLETE;
}

int
tool_check_migration(int argc, char **argv)
{
    g_autoptr(GPtrArray) places = g_ptr_array_new();
    bool json = false;
    Migration check = {.places = places};
    const ToolOption options[] = {
        TOOL_JSON(&json),
        TOOL_PLATFORM(&check.overrides.platform_version),
        {.name = "--host", .word = "FILE", .doc = "a host file of the destination", .values = places},
        {.name = "--hosts", .word = "PLACE", .doc = "a host file, a directory of them, or '-'", .values = places},
        {NULL},
    };
    ToolArguments arguments = {NULL};
    guint n;
    int status = TOOL_WRONG_USE;

    if (tool_arguments_parse(&arguments, "check-migration", options, argc, argv)) {
        n = arguments.words->len + arguments.has_vm;
        status = n == 1 || n == 2 ? run_check_migration(&check, &arguments, json)
                                  : tool_misused("check-migration", "expected a source, and at most one destination");
    }
    hosts_clear(&check.hosts);
    end_clear(&check.source);
    end_clear(&check.target);
    g_clear_pointer(&check.differences, g_array_unref);
    g_clear_error(&check.blocker);
    g_clear_pointer(&check.schema, vt_schema_free);
    tool_arguments_clear(&arguments);
    return status;
}
