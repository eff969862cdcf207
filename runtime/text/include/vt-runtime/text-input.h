/* SPDX-License-Identifier: MIT */
/*
 * Text input: a value that somebody wrote, as JSON text, key=value text or a json-c tree, before any table is asked
 * what it means.  input.h decodes it.
 *
 * Limits: depth 64, 64 MiB of text, 4096 bytes of a key.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include <glib.h>
#include <json-c/json_types.h>

typedef struct VtInput VtInput;

/* @text is borrowed until the input is freed, and need not be NUL-terminated.  @where (copied) names the source:
 * a file's name, "-device", "object-add".  The text is scanned while it is visited. */
VtInput *vt_input_new_json(const char *text, size_t len, const char *where);
/* The same for a value that stands in a file at @line and @column (from 1), there as the member @path ("device[0]", may
 * be NULL): errors begin WHERE ":" LINE ":" COLUMN ": " PATH "." MEMBER. */
VtInput *vt_input_new_json_at(const char *text, size_t len, const char *where, const char *path, unsigned line,
                              unsigned column);
/* QEMU's key=value syntax: ',,' is a comma, 'a.b=', 'a.0=', 'len-a=', 'a[0]='; @implied_key may be NULL.
 * A text that starts with '{' is JSON.  Fails on malformed text. */
VtInput *vt_input_new_option(const char *text, const char *implied_key, const char *where, GError **error);
/* The same of a text in which a sensitive value may stand, and the other kinds: what is said before the type or class
 * is known, or without one (vt_input_to_object), shows no piece of the text.  Visits know by their type or class. */
VtInput *vt_input_new_private_option(const char *text, const char *implied_key, const char *where, GError **error);
void vt_input_make_private(VtInput *input);
/* One bare value as key=value text writes it ("4k", "on", "52:54:00:12:34:56"; no ',,'): -global, qom-set of text.
 * @text is copied.  For vt_input_visit_value(). */
VtInput *vt_input_new_value(const char *text, const char *where);
/* Takes a reference on @value. */
VtInput *vt_input_new_object(json_object *value, const char *where);
void vt_input_free(VtInput *input);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VtInput, vt_input_free)

/* The whole value as a json-c tree, strictly scanned; key=value text gives strings.  NULL on error
 * (JSON null is a NULL result without an error: check *error). */
json_object *vt_input_to_object(VtInput *input, GError **error);
