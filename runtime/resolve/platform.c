/* SPDX-License-Identifier: MIT */
/*
 * The platform: its version, and the answers of the host to probes.
 */
#include <string.h>

#include <json-c/json.h>

#include "schema/schema-private.h"
#include "vt-runtime/context.h"
#include "vt-runtime/error.h"
#include "vt-runtime/open-file.h"
#include "vt-runtime/output.h"

#define PROBE_FILE_MAX ((size_t)1 << 20)

typedef struct Answer {
    bool asked;
    VtAnswer answer;
    char *detail;
} Answer;

struct VtPlatform {
    const VtFeature *features;
    const VtSchema *schema;
    uint16_t version;
    Answer *answers; /* by feature */
};

static const char *const answer_names[] = {
    [VT_ANSWER_NO] = "no",
    [VT_ANSWER_YES] = "yes",
    [VT_ANSWER_UNKNOWN] = "unknown",
    [VT_ANSWER_NOT_APPLICABLE] = "not-applicable",
    NULL,
};

const char *
vt_answer_name(VtAnswer answer)
{
    return answer_names[answer];
}

static bool
unknown_name(const char *what, const char *name, const char *const *names, GError **error)
{
    const char *nearest = vt_nearest(name, names);

    if (nearest) {
        return vt_error_set(error, "unknown %s '%s'; did you mean '%s'?", what, name, nearest);
    }
    return vt_error_set(error, "unknown %s '%s'", what, name);
}

static uint16_t
find_feature(const VtSchema *schema, const char *name)
{
    const VtLayer *layer = vt_schema_lowest(schema);

    for (uint32_t i = 1; i < layer->n_features; i++) {
        if (strcmp(vt_str(layer, layer->features[i].name), name) == 0) {
            return (uint16_t)i;
        }
    }
    return 0;
}

static bool
take_answer(VtPlatform *platform, const char *path, const char *name, json_object *value, GError **error)
{
    const VtLayer *layer = vt_schema_lowest(platform->schema);
    uint16_t feature = find_feature(platform->schema, name);
    const char *text;

    if (!feature) {
        g_autofree const char **names = g_new0(const char *, layer->n_features + 1);

        for (uint32_t i = 1; i < layer->n_features; i++) {
            names[i - 1] = vt_str(layer, layer->features[i].name);
        }
        unknown_name("platform feature", name, names, error);
        g_prefix_error(error, "%s: ", path);
        return false;
    }
    if (!json_object_is_type(value, json_type_string)) {
        return vt_error_set(error, "%s: %s: expected a string", path, name);
    }
    text = json_object_get_string(value);
    for (unsigned i = 0; answer_names[i]; i++) {
        if (strcmp(answer_names[i], text) == 0) {
            platform->answers[feature].answer = (VtAnswer)i;
            platform->answers[feature].detail = g_strdup_printf("said by %s", path);
            return true;
        }
    }
    unknown_name("answer", text, answer_names, error);
    g_prefix_error(error, "%s: %s: ", path, name);
    return false;
}

/* Reads the probe file, which replaces the host: a feature that it omits is unknown. */
static bool
read_probe_file(VtPlatform *platform, const char *path, GError **error)
{
    const VtLayer *layer = vt_schema_lowest(platform->schema);
    g_autofree char *text = NULL;
    g_autoptr(GError) parse_error = NULL;
    const char *why;
    json_object *root;
    size_t len;
    bool ok = true;

    text = vt_file_read(path, PROBE_FILE_MAX, &len, &why);
    if (!text) {
        return vt_error_set(error, "%s: cannot be read: %s", path, why);
    }
    root = vt_json_parse(text, len, path, &parse_error);
    if (parse_error) {
        g_propagate_error(error, g_steal_pointer(&parse_error));
        return false;
    }
    for (uint32_t i = 1; i < layer->n_features; i++) {
        platform->answers[i].asked = true;
        platform->answers[i].answer = VT_ANSWER_UNKNOWN;
    }
    if (!json_object_is_type(root, json_type_object)) {
        ok = vt_error_set(error, "%s: expected an object", path);
    } else {
        json_object_object_foreach (root, name, value) {
            ok = ok && take_answer(platform, path, name, value, error);
        }
    }
    json_object_put(root);
    return ok;
}

VtPlatform *
vt_platform_new(const VtSchema *schema, uint16_t version, const char *probe_file, GError **error)
{
    g_autoptr(VtPlatform) platform = g_new0(VtPlatform, 1);

    platform->schema = schema;
    platform->features = vt_schema_lowest(schema)->features;
    platform->version = version ? version : vt_schema_open_version(schema, VT_AXIS_PLATFORM);
    platform->answers = g_new0(Answer, vt_schema_lowest(schema)->n_features + 1);
    if (probe_file && !read_probe_file(platform, probe_file, error)) {
        return NULL;
    }
    return g_steal_pointer(&platform);
}

void
vt_platform_free(VtPlatform *platform)
{
    if (!platform) {
        return;
    }
    for (uint32_t i = 0; i < vt_schema_lowest(platform->schema)->n_features; i++) {
        g_free(platform->answers[i].detail);
    }
    g_free(platform->answers);
    g_free(platform);
}

uint16_t
vt_platform_version(const VtPlatform *platform)
{
    return platform->version;
}

bool
vt_platform_includes(const VtPlatform *platform, uint16_t feature)
{
    return platform->features[feature].since <= platform->version;
}

VtAnswer
vt_platform_ask(VtPlatform *platform, uint16_t feature, const char **ret_detail)
{
    const VtLayer *layer = vt_schema_lowest(platform->schema);
    Answer *answer = &platform->answers[feature];

    g_assert(feature > 0 && feature < layer->n_features);
    if (!answer->asked) {
        const VtProbe *probe = layer->probes ? layer->probes[feature] : NULL;

        answer->asked = true;
        answer->answer = probe ? probe->ask(&answer->detail) : VT_ANSWER_UNKNOWN;
    }
    if (ret_detail) {
        *ret_detail = answer->detail;
    }
    return answer->answer;
}
