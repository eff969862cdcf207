/* SPDX-License-Identifier: MIT */
/*
 * vintage platform plan: where a VM can run, and with which platform version: on any host, on the given hosts, on this
 * host.
 */
#include <string.h>

#include "tool-hosts.h"
#include "tool-platform.h"
#include "vt-gen/program-vintage-vm.h"
#include "vt-runtime/error.h"
#include "vt-runtime/json.h"
#include "vt-runtime/vendor-machine.h"

typedef struct Plan {
    const VtSchema *schema;
    VtCommandLine *line;
    const VtOverrides *overrides;
    json_object *rows;
} Plan;

static VtVm *
plan_at(const Plan *plan, size_t version, GError **error)
{
    VtOverrides at = *plan->overrides;

    at.platform_version = tool_platform_version(plan->schema, version);
    at.no_probes = true;
    return vt_command_line_plan(plan->line, &at, error);
}

/* Adds what each demand of @version for a feature that hosts lack becomes, as text: @describe. */
static json_object *
lacking(const Plan *plan, const ToolCount *count, size_t version,
        char *(*describe)(const VtVm *vm, const VtDemand *demand))
{
    json_object *list = json_object_new_array();
    g_autoptr(VtVm) vm = plan_at(plan, version, NULL);
    g_autoptr(GArray) demands = vm ? vt_vm_demands(vm) : NULL;

    for (guint i = 0; demands && i < demands->len; i++) {
        const VtDemand *demand = &g_array_index(demands, VtDemand, i);

        if (count->no[demand->feature].n || count->unknown[demand->feature].n) {
            g_autofree char *text = describe(vm, demand);

            json_object_array_add(list, json_object_new_string(text));
        }
    }
    return list;
}

static char *
describe_demand(const VtVm *vm, const VtDemand *demand)
{
    const VtSchema *schema = vt_context_schema(vt_vm_context(vm));
    const VtLayer *lowest = vt_schema_lowest(schema);

    g_autofree char *place = vt_demand_place(demand);

    return g_strdup_printf("%s (%s)", place, vt_str(lowest, lowest->features[demand->feature].name));
}

static char *
describe_override(const VtVm *vm, const VtDemand *demand)
{
    (void)vm;
    return vt_demand_override(demand);
}

/* Adds the row of the hosts of @count: the newest version that they support, and what the newest of all would add.
 * Without such a version: the values that make one work. */
static void
add_place(const Plan *plan, const char *where, const ToolCount *count)
{
    json_object *row = json_object_new_object();
    uint16_t newest = tool_count_newest(count);
    size_t last = vt_schema_n_versions(plan->schema, VT_AXIS_PLATFORM);

    vt_json_add_text(row, "where", where);
    json_object_object_add(row, "hosts", json_object_new_uint64(count->n_hosts));
    if (newest) {
        g_autofree char *flags = g_strdup_printf("--platform-version %s", tool_platform_version(plan->schema, newest));

        vt_json_add_text(row, "version", tool_platform_version(plan->schema, newest));
        vt_json_add_text(row, "use", flags);
    }
    json_object_object_add(row, "leaves-out", lacking(plan, count, last, describe_demand));
    json_object_object_add(row, "overrides", lacking(plan, count, last, describe_override));
    json_object_array_add(plan->rows, row);
}

/* A host that has the features of @platform, and no other.  NULL: none; what runs on it runs on every host. */
static VtPlatform *
host_of(const VtSchema *schema, const VtPlatform *platform)
{
    const VtLayer *lowest = vt_schema_lowest(schema);
    json_object *answers = json_object_new_object();
    g_autofree char *text = NULL;

    for (uint32_t i = 1; i < lowest->n_features; i++) {
        bool included = platform && vt_platform_includes(platform, (uint16_t)i);

        vt_json_add_text(answers, vt_str(lowest, lowest->features[i].name),
                         vt_answer_name(included ? VT_ANSWER_YES : VT_ANSWER_NO));
    }
    text = vt_json_text(answers);
    json_object_put(answers);
    return vt_platform_new_text(schema, "no host", text, strlen(text), NULL);
}

static bool
add_one_host(const Plan *plan, const char *where, VtPlatform *host, GError **error)
{
    g_auto(ToolCount) count = {NULL};

    if (!tool_count_init(&count, plan->schema, plan->line, plan->overrides, error)) {
        return false;
    }
    tool_count_host(host, where, &count, NULL);
    add_place(plan, where, &count);
    return true;
}

static bool
add_these_hosts(const Plan *plan, const GPtrArray *places, GError **error)
{
    g_auto(ToolCount) count = {NULL};

    if (!tool_count_init(&count, plan->schema, plan->line, plan->overrides, error) ||
        !tool_hosts_each(plan->schema, places, tool_count_host, &count, error)) {
        return false;
    }
    add_place(plan, "these hosts", &count);
    return true;
}

/* Whether the VM meets what a host of the overlay @name has, with its defaults.  Adds the row of it. */
static bool
add_overlay(const Plan *plan, const char *name, VtPlatform *host, GError **error)
{
    VtOverrides at = *plan->overrides;
    g_autofree char *flags = g_strdup_printf("--platform-version %s", name);
    json_object *row = json_object_new_object(), *overrides = json_object_new_array();
    g_autoptr(GArray) demands = NULL;
    g_autoptr(VtVm) vm = NULL;

    at.platform_version = name;
    at.no_probes = true;
    vm = vt_command_line_plan(plan->line, &at, error);
    demands = vm ? vt_vm_demands(vm) : NULL;
    for (guint i = 0; demands && i < demands->len; i++) {
        const VtDemand *demand = &g_array_index(demands, VtDemand, i);

        if (vt_platform_ask(host, demand->feature, NULL) != VT_ANSWER_YES) {
            g_autofree char *text = vt_demand_override(demand);

            json_object_array_add(overrides, json_object_new_string(text));
        }
    }
    vt_json_add_text(row, "where", name);
    json_object_object_add(row, "hosts", json_object_new_uint64(1));
    if (!json_object_array_length(overrides)) {
        vt_json_add_text(row, "version", name);
        vt_json_add_text(row, "use", flags);
    }
    json_object_object_add(row, "leaves-out", json_object_new_array());
    json_object_object_add(row, "overrides", overrides);
    json_object_array_add(plan->rows, row);
    return vm != NULL;
}

/* Adds a row for hosts that have the features of some known version, whichever, and one for each overlay. */
static bool
add_known_platforms(const Plan *plan, GError **error)
{
    g_autofree const char **overlays = vt_schema_platform_names(plan->schema);
    size_t n = vt_schema_n_versions(plan->schema, VT_AXIS_PLATFORM);
    g_auto(ToolCount) count = {NULL};

    if (!tool_count_init(&count, plan->schema, plan->line, plan->overrides, error)) {
        return false;
    }
    for (size_t v = 1; v <= n; v++) {
        g_autoptr(VtPlatform) platform = vt_platform_new(plan->schema, (uint16_t)v, NULL, NULL);
        g_autoptr(VtPlatform) host = host_of(plan->schema, platform);

        tool_count_host(host, tool_platform_version(plan->schema, v), &count, NULL);
    }
    add_place(plan, "known platforms", &count);
    for (const char **name = overlays; *name; name++) {
        g_autoptr(VtPlatform) platform = vt_platform_named(&vt_program_vintage_vm, plan->schema, *name, NULL, error);
        g_autoptr(VtPlatform) host = platform ? host_of(plan->schema, platform) : NULL;

        if (!host || !add_overlay(plan, *name, host, error)) {
            return false;
        }
    }
    return true;
}

/* Adds a line of @table for each text of @list; the first has the cells of the place. */
static void
add_lines(ToolTable *table, const char **cells, const char *before, json_object *list)
{
    for (size_t i = 0; i < json_object_array_length(list); i++) {
        g_autofree char *text =
            g_strdup_printf("%s%s", before, json_object_get_string(json_object_array_get_idx(list, i)));

        cells[3] = text;
        tool_table_add(table, cells);
        cells[0] = cells[1] = cells[2] = NULL;
    }
}

static void
print_plan(json_object *rows)
{
    static const char *const headers[] = {"where", "hosts", "version", "use", NULL};
    ToolTable *table = tool_table_new(headers);

    for (size_t i = 0; i < json_object_array_length(rows); i++) {
        json_object *row = json_object_array_get_idx(rows, i);
        const char *version = vt_json_member_text(row, "version");
        const char *cells[] = {vt_json_member_text(row, "where"), vt_json_member_text(row, "hosts"),
                               version ? version : "none", vt_json_member_text(row, "use")};

        if (version) {
            tool_table_add(table, cells);
            cells[0] = cells[1] = cells[2] = NULL;
            add_lines(table, cells, "leaves out ", json_object_object_get(row, "leaves-out"));
        } else {
            add_lines(table, cells, "", json_object_object_get(row, "overrides"));
        }
    }
    tool_table_print(table, 0);
}

int
tool_platform_plan(const VtSchema *schema, VtCommandLine *line, const VtOverrides *overrides, const GPtrArray *places,
                   bool json)
{
    Plan plan = {schema, line, overrides, json_object_new_array()};
    g_autoptr(GError) error = NULL;
    g_autoptr(VtPlatform) bare = host_of(schema, NULL);
    g_autoptr(VtPlatform) here = vt_platform_new(schema, 0, overrides->probe_file, &error);

    if (!here || !add_one_host(&plan, "everywhere", bare, &error) ||
        (places->len && !add_these_hosts(&plan, places, &error)) || !add_known_platforms(&plan, &error) ||
        !add_one_host(&plan, "here", here, &error)) {
        json_object_put(plan.rows);
        return tool_failed(error);
    }
    if (json) {
        tool_print_json(plan.rows);
        return TOOL_DONE;
    }
    print_plan(plan.rows);
    json_object_put(plan.rows);
    return TOOL_DONE;
}
