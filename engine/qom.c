/* SPDX-License-Identifier: MIT */
#include "qom.h"

#include <string.h>

#include <json-c/json.h>

#include "vt-runtime/json.h"

#define CHILD "child<"

json_object *
engine_qom_at(const char *path, const char *property)
{
    json_object *arguments = json_object_new_object();

    vt_json_add_text(arguments, "path", path);
    vt_json_add_text(arguments, "property", property);
    return arguments;
}

static void
clear_entry(void *opaque)
{
    EngineQomEntry *entry = opaque;

    g_free(entry->name);
    g_free(entry->type);
    g_free(entry->child);
    json_object_put(entry->value);
}

GArray *
engine_qom_list(VtEngineClient *client, const char *path, GError **error)
{
    g_autoptr(GArray) calls = vt_engine_calls_new();
    json_object *listed;
    GArray *entries;

    vt_engine_calls_add(calls, "qom-list", engine_qom_at(path, NULL));
    if (!vt_engine_client_batch(client, calls, error)) {
        return NULL;
    }
    listed = g_array_index(calls, VtEngineCall, 0).result;
    entries = g_array_new(FALSE, TRUE, sizeof(EngineQomEntry));
    g_array_set_clear_func(entries, clear_entry);
    for (size_t i = 0; listed && i < json_object_array_length(listed); i++) {
        json_object *one = json_object_array_get_idx(listed, i);
        const char *type = json_object_get_string(json_object_object_get(one, "type"));
        EngineQomEntry entry = {.name = g_strdup(json_object_get_string(json_object_object_get(one, "name"))),
                                .type = g_strdup(type)};

        if (g_str_has_prefix(type, CHILD)) {
            entry.child = g_strndup(type + strlen(CHILD), strcspn(type + strlen(CHILD), ">"));
        }
        g_array_append_val(entries, entry);
    }
    return entries;
}

bool
engine_qom_read(VtEngineClient *client, const char *path, GArray *entries, GError **error)
{
    g_autoptr(GArray) calls = vt_engine_calls_new();

    for (guint i = 0; i < entries->len; i++) {
        vt_engine_calls_add(calls, "qom-get", engine_qom_at(path, g_array_index(entries, EngineQomEntry, i).name));
    }
    if (!vt_engine_client_batch(client, calls, error)) {
        return false;
    }
    for (guint i = 0; i < entries->len; i++) {
        g_array_index(entries, EngineQomEntry, i).value = json_object_get(g_array_index(calls, VtEngineCall, i).result);
    }
    return true;
}
