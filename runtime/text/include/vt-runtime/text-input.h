/* SPDX-License-Identifier: MIT */
/*
 * Text input: a value from a user or a client, as JSON text, key=value text or a json-c tree. input.h decodes it by a
 * type.
 *
 * Limits: a value nests at most 64 levels deep, text has at most 64 MiB, a key has at most 4096 bytes. One thread at a
 * time uses an input.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include <glib.h>
#include <json-c/json_types.h>

typedef struct VtInput VtInput;

/*
 * Creates an input of @len bytes of JSON text. @text is borrowed until vt_input_free() and need not end with NUL.
 * @where (copied, may be NULL) names the source: a file, "-device", "object-add". The functions that read the input
 * scan the text and report malformed JSON.
 */
VtInput *vt_input_new_json(const char *text, size_t len, const char *where);
/*
 * As vt_input_new_json(), for a value at @line and @column (both from 1) of the file @where. @path (copied, may be
 * NULL) is the path of the value in the file, such as "device[0]". Errors begin with WHERE ":" LINE ":" COLUMN ": "
 * PATH "." MEMBER.
 */
VtInput *vt_input_new_json_at(const char *text, size_t len, const char *where, const char *path, unsigned line,
                              unsigned column);
/*
 * Creates an input of QEMU's key=value syntax: ',,' is a comma; 'a.b=', 'a.0=', 'a[0]=' and 'len-a=' are nested keys.
 * @text (copied) ends with NUL. @implied_key (may be NULL) is the key of a first value without '='. Text that starts
 * with '{' is JSON. Returns NULL and sets @error if key=value text is malformed.
 */
VtInput *vt_input_new_option(const char *text, const char *implied_key, const char *where, GError **error);
/*
 * As vt_input_new_option(), for text that may contain a sensitive value. vt_input_make_private() sets the same for an
 * input of any kind. Errors of the constructor and of vt_input_to_object() then show no part of the text. Visits decide
 * by their type or class.
 */
VtInput *vt_input_new_private_option(const char *text, const char *implied_key, const char *where, GError **error);
void vt_input_make_private(VtInput *input);
/* Creates an input of one value as key=value text has it: "4k", "on", "52:54:00:12:34:56". ',,' is two commas. Used for
 * -global and for qom-set of text. @text is copied. Read it with vt_input_visit_value(). */
VtInput *vt_input_new_value(const char *text, const char *where);
/* Creates an input of a json-c tree, and takes a reference on @value. NULL is JSON null. */
VtInput *vt_input_new_object(json_object *value, const char *where);
/* How the user wrote a value that is decoded in another form: errors name keys, and nothing that the user did not
 * write.
 */
typedef struct VtWritten {
    const char *const *keys; /* pairs: the path of a member, and its key; NULL at the end, and for none */
    const char *within;      /* path of the object that has the members that the user wrote; NULL: the whole value */
    bool classless;          /* the user did not name the class */
} VtWritten;

/* @written and its texts are borrowed until vt_input_free(). */
void vt_input_set_written(VtInput *input, const VtWritten *written);
void vt_input_free(VtInput *input);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VtInput, vt_input_free)

/* Returns the whole value as a json-c tree, a new reference. Values of key=value text become strings. Returns NULL and
 * sets @error on failure. JSON null is NULL without an error: check @error. */
json_object *vt_input_to_object(VtInput *input, GError **error);
