/* SPDX-License-Identifier: MIT */
/*
 * Values as arguments: the shortest key=value text that reads as the value, or JSON text.
 */
#include "options-private.h"

#include <string.h>

#include <json-c/json.h>

#include "vt-runtime/json.h"

/* ---- key=value text ------------------------------------------------------------------------------------ */

static bool
is_single(json_object *value)
{
    return !json_object_is_type(value, json_type_object) && !json_object_is_type(value, json_type_array);
}

static void
append_single(GString *text, const char *key, json_object *value)
{
    vt_setting_append(text, key,
                      json_object_is_type(value, json_type_boolean) ? json_object_get_boolean(value) ? "on" : "off"
                      : value                                       ? json_object_get_string(value)
                                                                    : "");
}

/* The value, or the only member of an object. */
static json_object *
only_member(json_object *value)
{
    if (json_object_is_type(value, json_type_object) && json_object_object_length(value) == 1) {
        json_object_object_foreach (value, key, member) {
            (void)key;
            return member;
        }
    }
    return value;
}

/* Appends the members of @value. The elements of a list repeat its key, if they are single values. */
static void
append_members(GString *text, const char *prefix, json_object *value)
{
    json_object_object_foreach (value, name, member) {
        g_autofree char *key = g_strconcat(prefix, *prefix ? "." : "", name, NULL);

        if (json_object_is_type(member, json_type_object)) {
            append_members(text, key, member);
            continue;
        }
        if (is_single(member)) {
            append_single(text, key, member);
            continue;
        }
        for (size_t i = 0; i < json_object_array_length(member); i++) {
            json_object *element = only_member(json_object_array_get_idx(member, i));

            if (is_single(element)) {
                append_single(text, key, element);
            } else if (json_object_is_type(element, json_type_object)) {
                g_autofree char *place = g_strdup_printf("%s.%zu", key, i);

                append_members(text, place, element);
            }
        }
    }
}

/* A new object with the members of @from, except @but. */
static json_object *
copy_of(json_object *from, const char *but)
{
    json_object *object = json_object_new_object();

    json_object_object_foreach (from, key, value) {
        if (g_strcmp0(key, but) != 0) {
            json_object_object_add(object, key, json_object_get(value));
        }
    }
    return object;
}

/* "FIRST,REST" with the value @first of the implied key. */
static char *
with_first(json_object *first, const char *rest)
{
    g_autoptr(GString) text = g_string_new(NULL);

    append_single(text, "", first);
    g_string_erase(text, 0, 1);
    g_string_append_printf(text, "%s%s", text->len && *rest ? "," : "", rest);
    return g_string_free(g_steal_pointer(&text), FALSE);
}

/* Key=value text with the value of the implied key first.  @compact: lists repeat their key. */
static char *
key_value_text(const VtOption *option, json_object *value, bool compact)
{
    json_object *first = NULL, *rest;
    g_autofree char *others = NULL;

    if (option->implied_key && json_object_object_get_ex(value, option->implied_key, &first) &&
        (!is_single(first) || (first && strchr(json_object_get_string(first), '=')))) {
        first = NULL;
    }
    rest = copy_of(value, first ? option->implied_key : NULL);
    if (compact) {
        GString *text = g_string_new(NULL);

        append_members(text, "", rest);
        others = g_string_free(text, FALSE);
    } else {
        others = vt_setting_text(rest);
    }
    json_object_put(rest);
    return first ? with_first(first, others) : g_steal_pointer(&others);
}

/* Text without the class, which the option may know; NULL: the value has none beside the implied key. */
static char *
classless_text(const VtCommandLine *line, const VtOption *option, json_object *value)
{
    const VtClassInfo *root = option->root ? vt_schema_class(line->schema, option->root) : NULL;
    const char *tag = root ? vt_str(root->layer, root->row->tag_name) : NULL;
    json_object *rest;
    char *text;

    if (!tag || g_strcmp0(tag, option->implied_key) == 0 || !json_object_object_get_ex(value, tag, NULL)) {
        return NULL;
    }
    rest = copy_of(value, tag);
    text = key_value_text(option, rest, true);
    json_object_put(rest);
    return text;
}

/* Text in the short form of the class; NULL: it has none. */
static char *
short_text(const VtCommandLine *line, const VtOption *option, json_object *value)
{
    const VtClassInfo *root = option->root ? vt_schema_class(line->schema, option->root) : NULL, *info;
    const char *within = root ? vt_str(root->layer, root->row->within) : "", *wrap;
    json_object *tagged = NULL, *tag = NULL, *members = NULL, *outer, *inner;
    g_autofree char *written = NULL, *rest = NULL;
    GString *text;

    if (!*within || !json_object_object_get_ex(value, within, &tagged) ||
        !json_object_object_get_ex(tagged, vt_str(root->layer, root->row->tag_name), &tag)) {
        return NULL;
    }
    info = vt_schema_class_by_tag(line->schema, root, json_object_get_string(tag));
    wrap = vt_str(root->layer, root->row->wrap);
    if (*wrap) {
        json_object_object_get_ex(tagged, wrap, &members);
    }
    outer = copy_of(value, within);
    inner = members ? json_object_get(members) : copy_of(tagged, vt_str(root->layer, root->row->tag_name));
    text = g_string_new(NULL);
    append_members(text, "", outer);
    append_members(text, "", inner);
    json_object_put(outer);
    json_object_put(inner);
    written = g_string_free(text, FALSE);
    rest = vt_option_short_text(info, written);
    return with_first(tag, rest);
}

/* ---- arguments ----------------------------------------------------------------------------------------- */

/* Whether the argument @text of the option has the meaning @value, and no other. */
static bool
means(VtCommandLine *line, const VtOption *option, const char *text, json_object *value, VtContext *ctx)
{
    g_autoptr(VtSource) source = vt_source_new_text(text, strlen(text), option->implied_key, "");
    VtGiven given = {option, source};
    json_object *values;
    bool same;

    vt_source_add_values(source, option);
    values = vt_given_values(line, &given, ctx, NULL);
    same = values && json_object_array_length(values) == 1 &&
           json_object_equal(json_object_array_get_idx(values, 0), value);
    json_object_put(values);
    return same;
}

/* The first text that has the meaning @value. */
static char *
object_text(VtCommandLine *line, const VtOption *option, json_object *value, VtContext *ctx)
{
    json_object *members = copy_of(value, NULL);
    char *found = NULL;

    vt_option_unfold_rest(option, members);
    for (unsigned i = 0; !found && i < 4; i++) {
        g_autofree char *text = i == 0   ? short_text(line, option, members)
                                : i == 1 ? classless_text(line, option, members)
                                         : key_value_text(option, members, i == 2);

        if (text && means(line, option, text, value, ctx)) {
            found = g_steal_pointer(&text);
        }
    }
    json_object_put(members);
    return found ? found : vt_json_text(value);
}

char *
vt_option_argument(VtCommandLine *line, const VtOption *option, json_object *value, VtContext *ctx, bool json)
{
    if (json_object_is_type(value, json_type_object)) {
        return json ? vt_json_text(value) : object_text(line, option, value, ctx);
    }
    if (json_object_is_type(value, json_type_boolean)) {
        return g_strdup(json_object_get_boolean(value) ? "on" : "off");
    }
    return json_object_is_type(value, json_type_string) ? g_strdup(json_object_get_string(value)) : vt_json_text(value);
}
