/* SPDX-License-Identifier: MIT */
/*
 * vintage platform intersect: the newest platform version that all hosts support, and what newer ones lack where.
 */
#include <stdio.h>

#include "tool-hosts.h"
#include "tool-platform.h"
#include "vt-runtime/json.h"

static const char *
verdict(const ToolRequired *required)
{
    return required->no.n ? "no" : required->unknown.n ? "unknown" : "yes";
}

/* ---- JSON ---------------------------------------------------------------------------------------------- */

static void
add_some(json_object *row, const char *answer, const ToolSome *some)
{
    json_object *names = json_object_new_array(), *object = json_object_new_object();

    for (size_t i = 0; i < TOOL_HOSTS_NAMED && some->names[i]; i++) {
        json_object_array_add(names, json_object_new_string(some->names[i]));
    }
    json_object_object_add(object, "hosts", json_object_new_uint64(some->n));
    json_object_object_add(object, "first", names);
    json_object_object_add(row, answer, object);
}

static json_object *
version_row(const ToolCount *count, size_t version)
{
    const VtLayer *lowest = vt_schema_lowest(count->schema);
    const ToolRequired *required = &count->versions[version];
    json_object *row = json_object_new_object(), *features = json_object_new_array();

    vt_json_add_text(row, "version", tool_platform_version(count->schema, version));
    vt_json_add_text(row, "carried", verdict(required));
    add_some(row, "no", &required->no);
    add_some(row, "unknown", &required->unknown);
    for (uint32_t i = 1; i < lowest->n_features; i++) {
        if (required->features[i] && (count->no[i].n || count->unknown[i].n)) {
            json_object *feature = json_object_new_object();

            vt_json_add_text(feature, "feature", vt_str(lowest, lowest->features[i].name));
            add_some(feature, "no", &count->no[i]);
            add_some(feature, "unknown", &count->unknown[i]);
            json_object_array_add(features, feature);
        }
    }
    json_object_object_add(row, "features", features);
    return row;
}

static json_object *
count_json(const ToolCount *count)
{
    json_object *result = json_object_new_object(), *versions = json_object_new_array();
    uint16_t newest = tool_count_newest(count);

    json_object_object_add(result, "hosts", json_object_new_uint64(count->n_hosts));
    vt_json_add_text(result, "newest", newest ? tool_platform_version(count->schema, newest) : NULL);
    for (size_t v = 1; v <= vt_schema_n_versions(count->schema, VT_AXIS_PLATFORM); v++) {
        json_object_array_add(versions, version_row(count, v));
    }
    json_object_object_add(result, "versions", versions);
    return result;
}

/* ---- table --------------------------------------------------------------------------------------------- */

static void
add_lack(ToolTable *table, const ToolCount *count, size_t version, uint32_t feature, const char *answer,
         const ToolSome *some)
{
    const VtLayer *lowest = vt_schema_lowest(count->schema);
    g_autofree char *number = g_strdup_printf("%" G_GUINT64_FORMAT, some->n);
    g_autofree char *where = tool_some_text(some);

    if (some->n) {
        tool_table_add(table, (const char *[]){tool_platform_version(count->schema, version),
                                               vt_str(lowest, lowest->features[feature].name), answer, number, where});
    }
}

static void
print_count(const ToolCount *count)
{
    static const char *const headers[] = {"version", "lacks", "answer", "hosts", "where", NULL};
    uint16_t newest = tool_count_newest(count);
    size_t n = vt_schema_n_versions(count->schema, VT_AXIS_PLATFORM);
    uint32_t n_features = vt_schema_lowest(count->schema)->n_features;
    g_autofree bool *listed = g_new0(bool, n_features);
    ToolTable *table = tool_table_new(headers);

    printf("%" G_GUINT64_FORMAT " host%s; newest common version: %s\n", count->n_hosts, count->n_hosts == 1 ? "" : "s",
           newest ? tool_platform_version(count->schema, newest) : "none");
    for (size_t v = newest + 1; v <= n; v++) {
        for (uint32_t i = 1; i < n_features; i++) {
            /* What an older version lacks, a newer one lacks, too. */
            if (count->versions[v].features[i] && !listed[i]) {
                listed[i] = true;
                add_lack(table, count, v, i, "no", &count->no[i]);
                add_lack(table, count, v, i, "unknown", &count->unknown[i]);
            }
        }
    }
    if (newest == n) {
        tool_table_free(table);
        return;
    }
    putchar('\n');
    tool_table_print(table, 0);
}

int
tool_platform_intersect(const VtSchema *schema, VtCommandLine *line, const VtOverrides *overrides,
                        const GPtrArray *places, bool json)
{
    g_autoptr(GError) error = NULL;
    g_auto(ToolCount) count = {NULL};

    if (!tool_count_init(&count, schema, line, overrides, &error) ||
        !tool_hosts_each(schema, places, tool_count_host, &count, &error)) {
        return tool_failed(error);
    }
    if (json) {
        tool_print_json(count_json(&count));
    } else {
        print_count(&count);
    }
    return tool_count_newest(&count) ? TOOL_DONE : TOOL_WRONG_VM;
}
