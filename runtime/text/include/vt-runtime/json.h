/* SPDX-License-Identifier: MIT */
/*
 * JSON: text to json-c trees, and trees to text.
 *
 * In a tree, NULL is JSON null. A tree is used by one thread at a time.
 */
#pragma once

#include <stddef.h>

#include <glib.h>
#include <json-c/json.h>

/* Return @value as text with a final newline, owned by the caller; keys are in insertion order. vt_json_line() returns
 * one line; vt_json_pretty() indents by two spaces. */
char *vt_json_line(json_object *value);
char *vt_json_pretty(json_object *value);
/*
 * Parses @len bytes of @text, which must be one JSON value, with the scanner of text/json-scan.h. @where (may be NULL)
 * is the name of the source in errors. Returns a new reference. NULL without @error is JSON null; NULL with @error is a
 * failure.
 */
json_object *vt_json_parse(const char *text, size_t len, const char *where, GError **error);
/* As vt_json_parse(), for text that may contain a sensitive value: an error shows no part of the text. */
json_object *vt_json_parse_private(const char *text, size_t len, const char *where, GError **error);
