/* SPDX-License-Identifier: MIT */
/*
 * JSON: texts to json-c trees by our own scanner, and back.
 */
#pragma once

#include <stddef.h>

#include <glib.h>
#include <json-c/json.h>

/* Compact text with a trailing newline, keys in insertion order; and pretty (two spaces).  Owned by the caller. */
char *vt_json_line(json_object *value);
char *vt_json_pretty(json_object *value);
/* Strict parse of a whole text into a tree (the scanner of text/json-scan.h). */
json_object *vt_json_parse(const char *text, size_t len, const char *where, GError **error);
/* The same of text in which a sensitive value may stand: no error shows a piece of it. */
json_object *vt_json_parse_private(const char *text, size_t len, const char *where, GError **error);
