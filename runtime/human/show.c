/* SPDX-License-Identifier: MIT */
/*
 * Shows the answer of a QMP command to a user, by the lines that the schema states.
 *
 *     { "each": "", "lines": [ "{name}: {size} bytes[, {file}]" ], "else": [ "none" ] }
 *
 * A placeholder is a path of members below the value in hand; an empty path is the value itself.  A part in brackets is
 * left out if one of its placeholders has no value, and so is a line.  Without lines, each member is on a line.
 */
#include "human-private.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#include "vt-runtime/json.h"

static void show_lines(GString *out, json_object *lines, json_object *value);

/* The value at a path of members and indexes: borrowed, or NULL. */
static json_object *
value_at(json_object *value, const char *path, size_t len)
{
    g_autofree char *text = g_strndup(path, len);
    g_auto(GStrv) names = g_strsplit(text, ".", 0);

    for (char **name = names; *name && value; name++) {
        json_object *next = NULL;

        if (json_object_is_type(value, json_type_array)) {
            next = json_object_array_get_idx(value, (size_t)strtoul(*name, NULL, 10));
        } else if (json_object_is_type(value, json_type_object)) {
            json_object_object_get_ex(value, *name, &next);
        }
        value = next;
    }
    return value;
}

/* Whether a guard holds: the value exists, and is not false, 0, or empty. */
static bool
is_true(json_object *value)
{
    switch (json_object_get_type(value)) {
    case json_type_null:
        return false;
    case json_type_object:
        return json_object_object_length(value) > 0;
    case json_type_array:
        return json_object_array_length(value) > 0;
    case json_type_string:
        return json_object_get_string_len(value) > 0;
    default:
        return json_object_get_boolean(value);
    }
}

/* Appends a value in the format @format: a width, and 'x' after it for hexadecimal digits, with zeros before them if
 * the width begins with 0. */
static void
show_formatted(GString *out, const char *format, json_object *value)
{
    int width = atoi(format);

    if (format[strspn(format, "-0123456789")] != 'x') {
        g_string_append_printf(out, "%*s", width, json_object_get_string(value));
    } else if (*format == '0') {
        g_string_append_printf(out, "%0*" PRIx64, width, (uint64_t)json_object_get_int64(value));
    } else {
        g_string_append_printf(out, "%*" PRIx64, width, (uint64_t)json_object_get_int64(value));
    }
}

/* Appends a placeholder, the text between braces.  Returns false if it has no value. */
static bool
show_placeholder(GString *out, const char *text, size_t len, json_object *value)
{
    size_t path = 0;
    const char *bar;
    json_object *found;

    while (path < len && text[path] != '?' && text[path] != ':') {
        path++;
    }
    found = value_at(value, text, path);
    if (path < len && text[path] == '?') {
        bar = memchr(text, '|', len);
        if (is_true(found)) {
            g_string_append_len(out, text + path + 1, bar - text - (gssize)path - 1);
        } else {
            g_string_append_len(out, bar + 1, (gssize)len - (bar + 1 - text));
        }
        return true;
    }
    if (!found) {
        return false;
    }
    if (path < len) {
        show_formatted(out, text + path + 1, found);
    } else {
        g_string_append(out, json_object_get_string(found));
    }
    return true;
}

/* Appends the text up to @end, NUL or ']'.  *text then points to the end. */
static bool
show_text(GString *out, const char **text, char end, json_object *value)
{
    const char *p = *text;
    bool complete = true;

    while (*p && *p != end) {
        if (*p == '{') {
            size_t len = strcspn(p + 1, "}");

            complete &= show_placeholder(out, p + 1, len, value);
            p += len + 2;
        } else if (*p == '[') {
            gsize before = out->len;

            p++;
            if (!show_text(out, &p, ']', value)) {
                g_string_truncate(out, before);
            }
            p += *p == ']';
        } else {
            g_string_append_c(out, *p++);
        }
    }
    *text = p;
    return complete;
}

static void
show_line(GString *out, const char *line, json_object *value)
{
    gsize before = out->len;
    bool optional = *line == '[';

    if (show_text(out, &line, '\0', value)) {
        g_string_append(out, optional && out->len == before ? "" : "\n");
    } else {
        g_string_truncate(out, before);
    }
}

/* The value at the path in the member @name of @item; *ret_has: there is such a member. */
static json_object *
guard_of(json_object *item, const char *name, json_object *value, bool *ret_has)
{
    const char *path = vt_json_member_text(item, name);

    *ret_has = path;
    return path ? value_at(value, path, strlen(path)) : NULL;
}

static void
show_part(GString *out, json_object *item, json_object *value)
{
    json_object *lines = json_object_object_get(item, "lines"), *otherwise = json_object_object_get(item, "else"),
                *guard;
    bool has;

    guard = guard_of(item, "when", value, &has);
    if (has && !is_true(guard)) {
        show_lines(out, otherwise, value);
        return;
    }
    guard = guard_of(item, "unless", value, &has);
    if (has && is_true(guard)) {
        return;
    }
    guard = guard_of(item, "each", value, &has);
    if (!has) {
        show_lines(out, lines, value);
        return;
    }
    for (size_t i = 0; i < (guard ? json_object_array_length(guard) : 0); i++) {
        show_lines(out, lines, json_object_array_get_idx(guard, i));
    }
    if (!is_true(guard)) {
        show_lines(out, otherwise, value);
    }
}

static void
show_lines(GString *out, json_object *lines, json_object *value)
{
    for (size_t i = 0; i < (lines ? json_object_array_length(lines) : 0); i++) {
        json_object *item = json_object_array_get_idx(lines, i);

        if (json_object_is_type(item, json_type_string)) {
            show_line(out, json_object_get_string(item), value);
        } else {
            show_part(out, item, value);
        }
    }
}

/* ---- all members ----------------------------------------------------------------------------------------- */

static bool
is_composite(json_object *value)
{
    return is_true(value) &&
           (json_object_is_type(value, json_type_object) || json_object_is_type(value, json_type_array));
}

static void
show_all(GString *out, json_object *value, int indent)
{
    if (json_object_is_type(value, json_type_array)) {
        for (size_t i = 0; i < json_object_array_length(value); i++) {
            json_object *item = json_object_array_get_idx(value, i);

            if (is_composite(item)) {
                g_string_append(out, i && !indent ? "\n" : "");
                show_all(out, item, indent);
            } else {
                g_string_append_printf(out, "%*s%s\n", indent, "", json_object_get_string(item));
            }
        }
        return;
    }
    json_object_object_foreach (value, name, member) {
        if (is_composite(member)) {
            g_string_append_printf(out, "%*s%s:\n", indent, "", name);
            show_all(out, member, indent + 2);
        } else {
            g_string_append_printf(out, "%*s%s: %s\n", indent, "", name, json_object_get_string(member));
        }
    }
}

/* Whether @value is {"human-readable-text": TEXT}. */
static const char *
readable_text(json_object *value)
{
    return json_object_is_type(value, json_type_object) && json_object_object_length(value) == 1
               ? vt_json_member_text(value, "human-readable-text")
               : NULL;
}

void
vt_human_show(GString *out, const char *shows, json_object *value)
{
    const char *text = readable_text(value);
    json_object *lines;

    if (shows) {
        lines = vt_json_parse(shows, strlen(shows), "shows", NULL);
        show_lines(out, lines, value);
        json_object_put(lines);
    } else if (text) {
        g_string_append(out, text);
    } else if (json_object_is_type(value, json_type_object) || json_object_is_type(value, json_type_array)) {
        show_all(out, value, 0);
    } else {
        g_string_append_printf(out, "%s\n", json_object_get_string(value));
    }
}
