/* SPDX-License-Identifier: MIT */
/*
 * Templates of options, read backwards: from what an option expands to, to the value of the option.
 */
#include "options-private.h"

#include <string.h>

#include <json-c/json.h>

#include "options/template.h"
#include "vt-runtime/json.h"

#define WHOLE  "$value"
#define MEMBER "$value."

/* Sets the member at the dotted @path of @to. */
static void
set_at(json_object *to, const char *path, json_object *value)
{
    g_auto(GStrv) names = g_strsplit(path, ".", -1);
    char **name = names;

    for (; name[0] && name[1]; name++) {
        json_object *inner;

        if (!json_object_object_get_ex(to, *name, &inner)) {
            inner = json_object_new_object();
            json_object_object_add(to, *name, inner);
        }
        to = inner;
    }
    json_object_object_add(to, *name, json_object_get(value));
}

/* Reads @value by @pattern: sets members of *@result, or replaces it. Returns whether a placeholder matched. */
static bool
read_by(json_object *pattern, json_object *value, json_object **result)
{
    const char *text = json_object_is_type(pattern, json_type_string) ? json_object_get_string(pattern) : NULL;
    bool found = false;

    if (text && strcmp(text, WHOLE) == 0) {
        json_object_put(*result);
        *result = json_object_get(value);
        return true;
    }
    if (text && g_str_has_prefix(text, MEMBER)) {
        set_at(*result, text + strlen(MEMBER), value);
        return true;
    }
    if (!json_object_is_type(pattern, json_type_object) || !json_object_is_type(value, json_type_object)) {
        return false;
    }
    json_object_object_foreach (pattern, name, inner) {
        json_object *member = NULL;

        if (strcmp(name, VT_SPREAD) == 0) {
            found |= read_by(inner, value, result);
        } else if (json_object_object_get_ex(value, name, &member)) {
            found |= read_by(inner, member, result);
        }
    }
    return found;
}

static bool
is_named(json_object *template, const char *key, const char *name)
{
    json_object *value;

    return json_object_object_get_ex(template, key, &value) && strcmp(json_object_get_string(value), name) == 0;
}

json_object *
vt_option_before(const VtOption *option, const char *name, json_object *value)
{
    json_object *templates, *found = NULL;

    if (!option->expands_to) {
        return NULL;
    }
    templates = vt_json_parse(option->expands_to, strlen(option->expands_to), option->name, NULL);
    for (size_t i = 0; !found && i < json_object_array_length(templates); i++) {
        json_object *template = json_object_array_get_idx(templates, i), *pattern = NULL;
        json_object *result = json_object_new_object();

        if ((is_named(template, "create", name) || is_named(template, "option", name)) &&
            json_object_object_get_ex(template, "value", &pattern) && read_by(pattern, value, &result)) {
            found = json_object_get(result);
        }
        json_object_put(result);
    }
    json_object_put(templates);
    return found;
}
