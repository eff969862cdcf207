/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "tool-hosts.h"
#include "tool-platform.h"
#include "vt-runtime/error.h"

/* ---- a number of hosts, and some names --------------------------------------------------------------- */

/* Keeps the first names in order, so that the result does not depend on the order of a directory. */
void
tool_some_add(ToolSome *some, const char *name)
{
    char **names = some->names;
    size_t at = 0;

    some->n++;
    while (at < TOOL_HOSTS_NAMED && names[at] && strcmp(names[at], name) <= 0) {
        at++;
    }
    if (at == TOOL_HOSTS_NAMED) {
        return;
    }
    g_free(names[TOOL_HOSTS_NAMED - 1]);
    memmove(&names[at + 1], &names[at], (TOOL_HOSTS_NAMED - 1 - at) * sizeof *names);
    names[at] = g_strdup(name);
}

void
tool_some_clear(ToolSome *some)
{
    for (size_t i = 0; i < TOOL_HOSTS_NAMED; i++) {
        g_free(some->names[i]);
    }
    *some = (ToolSome){0};
}

char *
tool_some_text(const ToolSome *some)
{
    GString *text = g_string_new(NULL);
    guint64 shown = 0;

    for (; shown < TOOL_HOSTS_NAMED && some->names[shown]; shown++) {
        g_string_append_printf(text, "%s%s", shown ? ", " : "", some->names[shown]);
    }
    if (some->n > shown) {
        g_string_append_printf(text, " and %" G_GUINT64_FORMAT " more", some->n - shown);
    }
    return g_string_free(text, FALSE);
}

/* ---- requirements -------------------------------------------------------------------------------------- */

static uint16_t
n_versions(const ToolCount *count)
{
    return (uint16_t)vt_schema_n_versions(count->schema, VT_AXIS_PLATFORM);
}

static uint32_t
n_features(const ToolCount *count)
{
    return vt_schema_lowest(count->schema)->n_features;
}

static bool
require(ToolCount *count, uint16_t version, VtCommandLine *line, const VtOverrides *overrides, GError **error)
{
    const VtLayer *lowest = vt_schema_lowest(count->schema);
    bool *features = count->versions[version].features;
    VtOverrides at = *overrides;
    g_autoptr(GArray) demands = NULL;
    g_autoptr(VtVm) vm = NULL;

    if (!line) {
        g_autofree bool *defaults = tool_platform_default_features(count->schema);

        for (uint32_t i = 1; i < lowest->n_features; i++) {
            features[i] = defaults[i] && lowest->features[i].since <= version;
        }
        return true;
    }
    at.platform_version = vt_schema_version_name(count->schema, VT_AXIS_PLATFORM, version);
    at.no_probes = true;
    vm = vt_command_line_plan(line, &at, error);
    if (!vm) {
        return false;
    }
    demands = vt_vm_demands(vm);
    for (guint i = 0; i < demands->len; i++) {
        features[g_array_index(demands, VtDemand, i).feature] = true;
    }
    return true;
}

bool
tool_count_init(ToolCount *count, const VtSchema *schema, VtCommandLine *line, const VtOverrides *overrides,
                GError **error)
{
    count->schema = schema;
    count->versions = g_new0(ToolRequired, n_versions(count) + 1);
    count->no = g_new0(ToolSome, n_features(count));
    count->unknown = g_new0(ToolSome, n_features(count));
    count->ever = g_new0(bool, n_features(count));
    for (uint16_t v = 1; v <= n_versions(count); v++) {
        count->versions[v].features = g_new0(bool, n_features(count));
        if (!require(count, v, line, overrides, error)) {
            return false;
        }
        for (uint32_t i = 1; i < n_features(count); i++) {
            count->ever[i] = count->ever[i] || count->versions[v].features[i];
        }
    }
    return true;
}

void
tool_count_clear(ToolCount *count)
{
    for (size_t v = 1; count->versions && v <= n_versions(count); v++) {
        g_free(count->versions[v].features);
        tool_some_clear(&count->versions[v].no);
        tool_some_clear(&count->versions[v].unknown);
    }
    for (uint32_t i = 0; count->ever && i < n_features(count); i++) {
        tool_some_clear(&count->no[i]);
        tool_some_clear(&count->unknown[i]);
    }
    g_free(count->versions);
    g_free(count->no);
    g_free(count->unknown);
    g_free(count->ever);
    *count = (ToolCount){0};
}

/* Adds the host to what the version of @required lacks on it. */
static void
count_version(ToolRequired *required, const bool *no, const bool *unknown, uint32_t n, const char *name)
{
    bool lacks = false, doubtful = false;

    for (uint32_t i = 1; i < n; i++) {
        lacks = lacks || (required->features[i] && no[i]);
        doubtful = doubtful || (required->features[i] && unknown[i]);
    }
    if (lacks) {
        tool_some_add(&required->no, name);
    } else if (doubtful) {
        tool_some_add(&required->unknown, name);
    }
}

bool
tool_count_host(VtPlatform *host, const char *name, void *opaque, GError **error)
{
    ToolCount *count = opaque;
    uint32_t n = n_features(count);
    g_autofree bool *no = g_new0(bool, n), *unknown = g_new0(bool, n);

    (void)error;
    count->n_hosts++;
    for (uint32_t i = 1; i < n; i++) {
        VtAnswer answer = count->ever[i] ? vt_platform_ask(host, (uint16_t)i, NULL) : VT_ANSWER_YES;

        no[i] = answer == VT_ANSWER_NO;
        unknown[i] = answer == VT_ANSWER_UNKNOWN;
        if (no[i]) {
            tool_some_add(&count->no[i], name);
        } else if (unknown[i]) {
            tool_some_add(&count->unknown[i], name);
        }
    }
    for (size_t v = 1; v <= n_versions(count); v++) {
        count_version(&count->versions[v], no, unknown, n, name);
    }
    return true;
}

uint16_t
tool_count_newest(const ToolCount *count)
{
    uint16_t newest = 0;

    for (uint16_t v = 1; v <= n_versions(count); v++) {
        newest = count->versions[v].no.n || count->versions[v].unknown.n ? newest : v;
    }
    return newest;
}
