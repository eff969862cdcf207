/* SPDX-License-Identifier: MIT */
/*
 * vintage platform check: the platform versions that a host supports, or all hosts of a cluster.  For a VM, only the
 * features count that its configuration requires.
 */
#include <stdio.h>

#include "tool-platform.h"
#include "vt-gen/program-vintage-vm.h"
#include "vt-runtime/error.h"
#include "vt-runtime/json.h"
#include "vt-runtime/names.h"

typedef struct Check {
    const VtSchema *schema;
    VtCommandLine *line; /* NULL: no VM; all features count that a default of a version requires */
    const VtOverrides *overrides;
    GPtrArray *files;
} Check;

/* Order: yes < unknown < no.  The worst result of several hosts counts. */
static int
rank(VtAnswer answer)
{
    return answer == VT_ANSWER_NO ? 2 : answer == VT_ANSWER_UNKNOWN ? 1 : 0;
}

static const char *const verdicts[] = {"yes", "unknown", "no"};

static json_object *
unmet_row(const VtSchema *schema, const char *host, uint16_t feature, VtAnswer answer)
{
    const VtLayer *lowest = vt_schema_lowest(schema);
    json_object *row = json_object_new_object();

    vt_json_add_text(row, "host", host);
    vt_json_add_text(row, "feature", vt_str(lowest, lowest->features[feature].name));
    vt_json_add_text(row, "answer", vt_answer_name(answer));
    return row;
}

static bool
check_demands(const Check *check, const char *version, const char *file, const char *host, int *worst,
              json_object *unmet, GError **error)
{
    VtOverrides overrides = *check->overrides;
    g_autoptr(GArray) demands = NULL;
    g_autoptr(VtVm) vm = NULL;

    overrides.platform_version = version;
    overrides.probe_file = file;
    vm = vt_command_line_plan(check->line, &overrides, error);
    if (!vm) {
        return false;
    }
    demands = vt_vm_demands(vm);
    for (guint i = 0; i < demands->len; i++) {
        const VtDemand *demand = &g_array_index(demands, VtDemand, i);
        g_autofree char *override = NULL;
        json_object *row;

        if (!rank(demand->answer)) {
            continue;
        }
        *worst = MAX(*worst, rank(demand->answer));
        row = unmet_row(check->schema, host, demand->feature, demand->answer);
        vt_json_add_text(row, "object", vt_object_display(demand->object));
        vt_json_add_text(row, "property", demand->prop ? demand->prop->name : NULL);
        override = vt_demand_override(demand);
        vt_json_add_text(row, "override", override);
        json_object_array_add(unmet, row);
    }
    return true;
}

static bool
check_features(const Check *check, const char *version, const char *file, const char *host, int *worst,
               json_object *unmet, GError **error)
{
    const VtLayer *lowest = vt_schema_lowest(check->schema);
    g_autoptr(VtPlatform) platform = vt_platform_named(&vt_program_vintage_vm, check->schema, version, file, error);
    g_autofree bool *defaults = tool_platform_default_features(check->schema);

    if (!platform) {
        return false;
    }
    for (uint32_t i = 1; i < lowest->n_features; i++) {
        bool counts = defaults[i] && vt_platform_includes(platform, (uint16_t)i);
        VtAnswer answer = counts ? vt_platform_ask(platform, (uint16_t)i, NULL) : VT_ANSWER_YES;

        if (rank(answer)) {
            *worst = MAX(*worst, rank(answer));
            json_object_array_add(unmet, unmet_row(check->schema, host, (uint16_t)i, answer));
        }
    }
    return true;
}

static json_object *
check_version(const Check *check, const char *version, int *ret_worst, GError **error)
{
    json_object *row = json_object_new_object(), *unmet = json_object_new_array();
    bool ok = true;

    *ret_worst = 0;
    vt_json_add_text(row, "version", version);
    for (guint i = 0; ok && i < MAX(check->files->len, 1); i++) {
        const char *file = check->files->len ? check->files->pdata[i] : NULL;
        const char *host = file ? file : "this host";

        ok = check->line ? check_demands(check, version, file, host, ret_worst, unmet, error)
                         : check_features(check, version, file, host, ret_worst, unmet, error);
    }
    vt_json_add_text(row, "carried", verdicts[*ret_worst]);
    json_object_object_add(row, "unmet", unmet);
    if (!ok) {
        json_object_put(row);
        return NULL;
    }
    return row;
}

/* ---- output -------------------------------------------------------------------------------------------- */

static void
print_versions(json_object *versions, const char *newest)
{
    static const char *const headers[] = {"version", "carried", "feature", "answer", "host", "override", NULL};
    ToolTable *table = tool_table_new(headers);

    for (size_t i = json_object_array_length(versions); i-- > 0;) {
        json_object *row = json_object_array_get_idx(versions, i), *unmet, *value;
        size_t n;

        json_object_object_get_ex(row, "unmet", &unmet);
        n = json_object_array_length(unmet);
        for (size_t k = 0; k < MAX(n, 1); k++) {
            const char *cells[6] = {NULL};

            for (size_t c = 0; c < 6; c++) {
                json_object *from = c < 2 ? (k ? NULL : row) : (n ? json_object_array_get_idx(unmet, k) : NULL);

                cells[c] =
                    from && json_object_object_get_ex(from, headers[c], &value) ? json_object_get_string(value) : NULL;
            }
            tool_table_add(table, cells);
        }
    }
    tool_table_print(table, 0);
    printf("\n%s%s\n", newest ? "newest supported version: " : "no version is supported", newest ? newest : "");
}

static int
print_check(bool json, json_object *versions, const char *newest)
{
    if (json) {
        json_object *result = json_object_new_object();

        vt_json_add_text(result, "newest", newest);
        json_object_object_add(result, "versions", versions);
        tool_print_json(result);
    } else {
        print_versions(versions, newest);
        json_object_put(versions);
    }
    return newest ? TOOL_DONE : TOOL_WRONG_VM;
}

/* Adds the names of the versions to check: @only, which may be an overlay, or all of QEMU. */
static void
add_versions(GArray *names, const VtSchema *schema, const char *only)
{
    size_t n = vt_schema_n_versions(schema, VT_AXIS_PLATFORM);

    if (only) {
        vt_names_add(names, only);
    }
    for (uint16_t version = 1; !only && version <= n; version++) {
        vt_names_add(names, tool_platform_version(schema, version));
    }
}

int
tool_platform_check(const VtSchema *schema, const ToolArguments *arguments, const VtOverrides *overrides,
                    GPtrArray *files, bool json)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(VtCommandLine) line = NULL;
    Check check = {.schema = schema, .overrides = overrides, .files = files};
    json_object *versions = json_object_new_array();
    g_autoptr(GArray) names = vt_names_new();
    const char *newest = NULL;

    if (tool_arguments_are_one_vm(arguments)) {
        check.line = line = tool_vm_of(schema, NULL, arguments, &error);
    }
    add_versions(names, schema, overrides->platform_version);
    for (guint i = 0; !error && i < names->len; i++) {
        const char *version = g_array_index(names, const char *, i);
        int worst = 0;
        json_object *row = check_version(&check, version, &worst, &error);

        if (row) {
            json_object_array_add(versions, row);
            newest = worst ? newest : version;
        }
    }
    if (error) {
        json_object_put(versions);
        return tool_failed(error);
    }
    return print_check(json, versions, newest);
}
