/* SPDX-License-Identifier: MIT */
/*
 * Key=value text of trees.
 */
#include "vt-runtime/setting.h"

#include <string.h>

#include <json-c/json.h>

#define SPREAD "..." /* key of text, or of a list of key and value, which takes the place of the object */

void
vt_setting_append(GString *text, const char *key, const char *value)
{
    g_string_append_printf(text, "%s%s=", text->len ? "," : "", key);
    for (; *value; value++) {
        g_string_append_len(text, ",,", *value == ',' ? 2 : 0);
        if (*value != ',') {
            g_string_append_c(text, *value);
        }
    }
}

static void
append_spread(GString *text, const char *prefix, json_object *settings)
{
    for (size_t i = 0; i < json_object_array_length(settings); i++) {
        json_object *setting = json_object_array_get_idx(settings, i), *key = NULL, *value = NULL;
        g_autofree char *whole = NULL;

        json_object_object_get_ex(setting, "key", &key);
        json_object_object_get_ex(setting, "value", &value);
        whole = g_strconcat(prefix, *prefix ? "." : "", json_object_get_string(key), NULL);
        vt_setting_append(text, whole, json_object_get_string(value));
    }
}

static void
append_tree(GString *text, const char *key, json_object *value)
{
    if (json_object_is_type(value, json_type_object)) {
        json_object_object_foreach (value, name, member) {
            g_autofree char *whole = g_strconcat(key, *key ? "." : "", name, NULL);

            if (strcmp(name, SPREAD) == 0 && json_object_is_type(member, json_type_string)) {
                g_string_append_printf(text, "%s%s", text->len ? "," : "", json_object_get_string(member));
            } else if (strcmp(name, SPREAD) == 0) {
                append_spread(text, key, member);
            } else {
                append_tree(text, whole, member);
            }
        }
    } else if (json_object_is_type(value, json_type_array)) {
        for (size_t i = 0; i < json_object_array_length(value); i++) {
            g_autofree char *whole = g_strdup_printf("%s.%zu", key, i);

            append_tree(text, whole, json_object_array_get_idx(value, i));
        }
    } else if (json_object_is_type(value, json_type_boolean)) {
        vt_setting_append(text, key, json_object_get_boolean(value) ? "on" : "off");
    } else {
        vt_setting_append(text, key, value ? json_object_get_string(value) : "");
    }
}

char *
vt_setting_text(json_object *value)
{
    GString *text = g_string_new(NULL);

    append_tree(text, "", value);
    return g_string_free(text, FALSE);
}
