/* SPDX-License-Identifier: MIT */
#include "tool-migration.h"

#include <string.h>

#include "vt-runtime/error.h"
#include "vt-runtime/json.h"

void
migration_clear_hosts(MigrationHosts *hosts)
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
init_hosts(Migration *check, GError **error)
{
    MigrationHosts *hosts = &check->hosts;
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
    MigrationHosts *hosts = &check->hosts;
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

bool
migration_ask_hosts(Migration *check, GError **error)
{
    return init_hosts(check, error) && tool_hosts_each(check->schema, check->places, count_needs, check, error);
}
