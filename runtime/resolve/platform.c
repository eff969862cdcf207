/* SPDX-License-Identifier: MIT */
/*
 * The platform: its version, and the answers of the host to probes.
 */
#include <string.h>

#include "resolve/platform-private.h"
#include "schema/schema-private.h"
#include "vt-runtime/error.h"
#include "vt-runtime/host-info.h"

typedef struct Answer {
    bool asked;
    bool turned; /* an overlay adds the feature, or removes it */
    VtAnswer answer;
    char *detail;
} Answer;

struct VtPlatform {
    const VtFeature *features;
    const VtSchema *schema;
    char *host; /* the name that a host file states, or NULL */
    char *name; /* of an overlay, or NULL */
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
unknown_feature(const VtPlatform *platform, const char *name, GError **error)
{
    const VtLayer *layer = vt_schema_lowest(platform->schema);
    g_autofree const char **names = g_new0(const char *, layer->n_features + 1);

    for (uint32_t i = 1; i < layer->n_features; i++) {
        names[i - 1] = vt_str(layer, layer->features[i].name);
    }
    return unknown_name("platform feature", name, names, error);
}

bool
vt_platform_take_answer(VtPlatform *platform, const char *name, const char *text, char *detail, GError **error)
{
    g_autofree char *owned = detail;
    uint16_t feature = find_feature(platform->schema, name);

    if (!feature) {
        return unknown_feature(platform, name, error);
    }
    for (unsigned i = 0; answer_names[i]; i++) {
        Answer *answer = &platform->answers[feature];

        if (strcmp(answer_names[i], text) == 0) {
            answer->answer = (VtAnswer)i;
            g_free(answer->detail);
            answer->detail = g_steal_pointer(&owned);
            return true;
        }
    }
    unknown_name("answer", text, answer_names, error);
    g_prefix_error(error, "%s: ", name);
    return false;
}

void
vt_platform_forget_host(VtPlatform *platform)
{
    for (uint32_t i = 1; i < vt_schema_lowest(platform->schema)->n_features; i++) {
        platform->answers[i].asked = true;
        platform->answers[i].answer = VT_ANSWER_UNKNOWN;
    }
}

VtPlatform *
vt_platform_new_unread(const VtSchema *schema, uint16_t version)
{
    VtPlatform *platform = g_new0(VtPlatform, 1);

    platform->schema = schema;
    platform->features = vt_schema_lowest(schema)->features;
    platform->version = version ? version : vt_schema_open_version(schema, VT_AXIS_PLATFORM);
    platform->answers = g_new0(Answer, vt_schema_lowest(schema)->n_features + 1);
    return platform;
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
    g_free(platform->host);
    g_free(platform->name);
    g_free(platform);
}

const char *
vt_platform_host(const VtPlatform *platform)
{
    return platform->host;
}

void
vt_platform_set_host(VtPlatform *platform, const char *name)
{
    g_free(platform->host);
    platform->host = g_strdup(name);
}

const VtSchema *
vt_platform_schema(const VtPlatform *platform)
{
    return platform->schema;
}

uint16_t
vt_platform_version(const VtPlatform *platform)
{
    return platform->version;
}

bool
vt_platform_includes(const VtPlatform *platform, uint16_t feature)
{
    return (platform->features[feature].since <= platform->version) != platform->answers[feature].turned;
}

const char *
vt_platform_name(const VtPlatform *platform)
{
    return platform->name ? platform->name
                          : vt_schema_version_name(platform->schema, VT_AXIS_PLATFORM, platform->version);
}

void
vt_platform_set_name(VtPlatform *platform, const char *name)
{
    g_free(platform->name);
    platform->name = g_strdup(name);
}

bool
vt_platform_change(VtPlatform *platform, const char *const *names, size_t n, bool included, GError **error)
{
    for (size_t i = 0; i < n; i++) {
        uint16_t feature = find_feature(platform->schema, names[i]);

        if (!feature) {
            return unknown_feature(platform, names[i], error);
        }
        if (vt_platform_includes(platform, feature) == included) {
            return vt_error_set(error, "'%s' changes nothing: version %s %s it", names[i],
                                vt_schema_version_name(platform->schema, VT_AXIS_PLATFORM, platform->version),
                                included ? "has" : "lacks");
        }
        platform->answers[feature].turned = true;
    }
    return true;
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
