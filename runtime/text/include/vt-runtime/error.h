/* SPDX-License-Identifier: MIT */
/*
 * Errors: one GError domain whose codes are the error classes of QMP.
 *
 * A message is one lower-case phrase without a full stop: position, object, what is wrong, the value, and what is
 * expected. Libraries set errors and return; only programs print them.
 */
#pragma once

#include <stdbool.h>

#include <glib.h>
#include <json-c/json_types.h>

#define VT_ERROR (vt_error_quark())

typedef enum VtError {
    VT_ERROR_GENERIC,           /* GenericError */
    VT_ERROR_COMMAND_NOT_FOUND, /* CommandNotFound */
    VT_ERROR_DEVICE_NOT_FOUND,  /* DeviceNotFound */
    VT_ERROR_DEVICE_NOT_ACTIVE, /* DeviceNotActive */
    VT_ERROR_KVM_MISSING_CAP,   /* KVMMissingCap */
} VtError;

GQuark vt_error_quark(void);

/* Returns the QMP class name of @error, a literal. NULL and other domains give "GenericError". */
const char *vt_error_class(const GError *error);
/* Returns the code of the QMP class @name. NULL and other names give VT_ERROR_GENERIC. */
VtError vt_error_code(const char *name);

/* What a client can use of an error beside its message: members of the QMP error object.  @error is of VT_ERROR. Takes
 * ownership of @data. */
void vt_error_set_data(GError *error, json_object *data);
json_object *vt_error_data(const GError *error); /* NULL: none; borrowed */

/* Replaces each password in a file name of an image (http://USER:PASSWORD@HOST, iscsi://USER%PASSWORD@HOST,
 * rbd:POOL/IMAGE:key=KEY) by "*", in place. Returns @text. */
char *vt_hide_passwords(char *text);

/* Sets a VT_ERROR_GENERIC error, with control characters of the message escaped and passwords of file names hidden.
 * Always returns false, so that a caller can return the result. @error may be NULL. */
bool vt_error_set(GError **error, const char *format, ...) G_GNUC_PRINTF(2, 3);
/* Adds @error, which it takes, to @errors: its message becomes another line, unless it is one already. @errors may
 * point to NULL. A message of vt_error_set() is one line, so each line is one error. */
void vt_error_add(GError **errors, GError *error);
/* The static analyzer reads one C file at a time. These macros show it which functions always return false. */
#ifdef __clang_analyzer__
#define vt_error_set(...) (vt_error_set(__VA_ARGS__), false)
#endif

/*
 * Returns the entry of @names (NULL-terminated) that is closest to @word, or NULL. The Damerau-Levenshtein distance is
 * at most a third of the length of @word, or 1 if that is more. Case is ignored; '-' and '_' are equal. A @word of less
 * than 2 or more than 64 bytes has no match, and an entry of more than 64 bytes is no match.
 */
const char *vt_nearest(const char *word, const char *const *names);
