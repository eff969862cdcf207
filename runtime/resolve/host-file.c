/* SPDX-License-Identifier: MIT */
/*
 * Host files: reads the answers of a host.
 */
#include <string.h>

#include <json-c/json.h>

#include "resolve/platform-private.h"
#include "vt-runtime/error.h"
#include "vt-runtime/host-info.h"
#include "vt-runtime/json.h"
#include "vt-runtime/open-file.h"

typedef struct HostReader {
    VtPlatform *platform;
    const char *where; /* the file, in errors */
} HostReader;

/* The text of the member @name of @row, borrowed.  NULL: it has none. */
static const char *
text_of(json_object *row, const char *name)
{
    json_object *value = json_object_object_get(row, name);

    return json_object_is_type(value, json_type_string) ? json_object_get_string(value) : NULL;
}

/* One feature: {"feature": NAME, "host": ANSWER}.  query-platform has "name". */
static bool
read_row(const HostReader *reader, json_object *row, GError **error)
{
    bool object = json_object_is_type(row, json_type_object);
    const char *name = object ? text_of(row, "feature") : NULL, *answer = object ? text_of(row, "host") : NULL;
    const char *detail = object ? text_of(row, "detail") : NULL;

    if (object && !name) {
        name = text_of(row, "name");
    }
    if (!name || !answer) {
        return vt_error_set(error, "expected an object with the strings 'feature' and 'host'");
    }
    return vt_platform_take_answer(
        reader->platform, name, answer,
        g_strdup_printf(detail ? "%s: %s" : "said by %s", reader->where, detail ? detail : ""), error);
}

static bool
read_rows(const HostReader *reader, json_object *rows, GError **error)
{
    for (size_t i = 0; i < json_object_array_length(rows); i++) {
        if (!read_row(reader, json_object_array_get_idx(rows, i), error)) {
            g_prefix_error(error, "features[%zu]: ", i);
            return false;
        }
    }
    return true;
}

static bool
read_pairs(const HostReader *reader, json_object *pairs, GError **error)
{
    json_object_object_foreach (pairs, name, value) {
        bool ok = json_object_is_type(value, json_type_string)
                      ? vt_platform_take_answer(reader->platform, name, json_object_get_string(value),
                                                g_strdup_printf("said by %s", reader->where), error)
                      : vt_error_set(error, "%s: expected a string", name);

        if (!ok) {
            return false;
        }
    }
    return true;
}

/* The features that @root states as HostInfo or as a list; NULL: it does not.  Borrowed. */
static json_object *
stated_features(json_object *root)
{
    json_object *list = json_object_is_type(root, json_type_object) ? json_object_object_get(root, "features") : root;

    return json_object_is_type(list, json_type_array) ? list : NULL;
}

static bool
read_root(const HostReader *reader, json_object *root, GError **error)
{
    json_object *rows = stated_features(root);

    if (rows == root && rows) {
        return read_rows(reader, rows, error);
    }
    if (!json_object_is_type(root, json_type_object)) {
        return vt_error_set(error, "expected an object");
    }
    if (!rows) {
        return read_pairs(reader, root, error);
    }
    vt_platform_set_host(reader->platform, text_of(root, "name"));
    return read_rows(reader, rows, error);
}

static bool
read_text(VtPlatform *platform, const char *where, const char *text, size_t len, GError **error)
{
    const HostReader reader = {platform, where};
    g_autoptr(GError) failure = NULL;
    json_object *root = vt_json_parse(text, len, where, &failure);
    bool ok;

    if (failure) {
        g_propagate_error(error, g_steal_pointer(&failure));
        return false;
    }
    vt_platform_forget_host(platform);
    ok = read_root(&reader, root, error);
    if (!ok) {
        g_prefix_error(error, "%s: ", where);
    }
    json_object_put(root);
    return ok;
}

/* Replaces all answers by those of the file. */
static bool
read_file(VtPlatform *platform, const char *path, GError **error)
{
    const char *why;
    size_t len;
    g_autofree char *text = vt_file_read(path, VT_HOST_FILE_MAX, &len, &why);

    return text ? read_text(platform, path, text, len, error)
                : vt_error_set(error, "%s: cannot be read: %s", path, why);
}

VtPlatform *
vt_platform_new(const VtSchema *schema, uint16_t version, const char *probe_file, GError **error)
{
    g_autoptr(VtPlatform) platform = vt_platform_new_unread(schema, version);

    return !probe_file || read_file(platform, probe_file, error) ? g_steal_pointer(&platform) : NULL;
}

VtPlatform *
vt_platform_new_text(const VtSchema *schema, const char *where, const char *text, size_t len, GError **error)
{
    g_autoptr(VtPlatform) platform = vt_platform_new_unread(schema, 0);

    return read_text(platform, where, text, len, error) ? g_steal_pointer(&platform) : NULL;
}

/* Whether @root has an answer as each member, and one at least. */
static bool
is_short_form(json_object *root)
{
    if (!json_object_is_type(root, json_type_object)) {
        return false;
    }
    json_object_object_foreach (root, name, value) {
        const char *text = json_object_is_type(value, json_type_string) ? json_object_get_string(value) : "";
        bool is_answer = false;

        (void)name;
        for (VtAnswer answer = VT_ANSWER_NO; answer <= VT_ANSWER_NOT_APPLICABLE; answer++) {
            is_answer |= strcmp(text, vt_answer_name(answer)) == 0;
        }
        if (!is_answer) {
            return false;
        }
    }
    return json_object_object_length(root);
}

bool
vt_host_file_is(const char *path)
{
    size_t len;
    g_autofree char *text = vt_file_read(path, VT_HOST_FILE_MAX, &len, NULL);
    json_object *root = text ? vt_json_parse(text, len, path, NULL) : NULL;
    bool is = stated_features(root) || is_short_form(root);

    json_object_put(root);
    return is;
}
