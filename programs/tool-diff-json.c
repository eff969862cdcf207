/* SPDX-License-Identifier: MIT */
#include <json-c/json.h>

#include "tool-diff-output.h"
#include "vt-runtime/json.h"

static void
add_unless_empty(json_object *object, const char *key, const char *value)
{
    if (value && value[0]) {
        vt_json_add_text(object, key, value);
    }
}

json_object *
diff_json(const GArray *changes)
{
    json_object *result = json_object_new_object(), *keys = json_object_new_object();
    json_object *objects = json_object_new_object();

    json_object_object_add(result, "changes", keys);
    json_object_object_add(result, "objects", objects);
    for (guint i = 0; i < changes->len; i++) {
        const VtDiff *change = &g_array_index(changes, VtDiff, i);
        json_object *row = json_object_new_object(), *properties;

        if (!change->property) {
            json_object_object_add(objects, change->key, row);
        } else if (!json_object_object_get_ex(keys, change->key, &properties)) {
            properties = json_object_new_object();
            json_object_object_add(keys, change->key, properties);
        }
        json_object_object_add(row, "from", json_object_get(change->from));
        json_object_object_add(row, "to", json_object_get(change->to));
        add_unless_empty(row, "axis", change->axis);
        add_unless_empty(row, "since", change->since);
        add_unless_empty(row, "why", change->why);
        add_unless_empty(row, "erratum", change->erratum);
        add_unless_empty(row, "file", change->file);
        if (change->line) {
            json_object_object_add(row, "line", json_object_new_int64(change->line));
        }
        if (change->property) {
            vt_json_add_bool(row, "guest", change->guest);
            json_object_object_add(properties, change->property, row);
        }
    }
    return result;
}
