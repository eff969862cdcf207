/* SPDX-License-Identifier: MIT */
/*
 * JSON: text to json-c trees, and trees to text.
 *
 * In a tree, NULL is JSON null. A tree is used by one thread at a time.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include <glib.h>
#include <json-c/json.h>

/* Adds a member @name with the value @text to @object, an object; nothing if @text is NULL. */
static inline void
vt_json_add_text(json_object *object, const char *name, const char *text)
{
    if (text) {
        json_object_object_add(object, name, json_object_new_string(text));
    }
}

/* Returns the text of the member @name of @object, borrowed; NULL: it has none. */
static inline const char *
vt_json_member_text(json_object *object, const char *name)
{
    return json_object_get_string(json_object_object_get(object, name));
}

/* Adds a member @name with the value @value to @object, an object. */
static inline void
vt_json_add_bool(json_object *object, const char *name, bool value)
{
    json_object_object_add(object, name, json_object_new_boolean(value));
}

/* Appends @value as compact text. If the buffer of @text moves, the old one is wiped. */
void vt_json_append(GString *text, json_object *value);
/* Return @value as text, owned by the caller; keys are in insertion order. vt_json_text() returns compact text,
 * vt_json_line() with a final newline. vt_json_pretty() indents by two spaces and ends with a newline. No copy of a
 * string stays in the tree or in freed memory. */
char *vt_json_text(json_object *value);
char *vt_json_line(json_object *value);
char *vt_json_pretty(json_object *value);
/* QEMU also accepts strings in single quotes.  Returns the JSON text with double quotes in their place, followed by a
 * NUL, in a buffer of 2 * @len + 1 bytes that the caller owns.  NULL: no string has single quotes, or memory is short.
 */
char *vt_json_double_quotes(const char *text, size_t len, size_t *ret_len);
/*
 * Parses @len bytes of @text, which must be one JSON value, with the scanner of text/json-scan.h. @where (may be NULL)
 * is the name of the source in errors. Returns a new reference. NULL without @error is JSON null; NULL with @error is a
 * failure.
 */
json_object *vt_json_parse(const char *text, size_t len, const char *where, GError **error);
/* As vt_json_parse(), for text that may contain a sensitive value: an error shows no part of the text. */
json_object *vt_json_parse_private(const char *text, size_t len, const char *where, GError **error);
