/* SPDX-License-Identifier: MIT */
/*
 * Errors: one GError domain whose codes are QMP's error classes.
 *
 * A message is one lower-case phrase without a full stop: where, what, the value, what would be right.
 * Libraries set errors and return; only programs print them.
 */
#pragma once

#include <stdbool.h>

#include <glib.h>

#define VT_ERROR (vt_error_quark())

typedef enum VtError {
    VT_ERROR_GENERIC,           /* GenericError */
    VT_ERROR_COMMAND_NOT_FOUND, /* CommandNotFound */
    VT_ERROR_DEVICE_NOT_FOUND,  /* DeviceNotFound */
    VT_ERROR_DEVICE_NOT_ACTIVE, /* DeviceNotActive */
    VT_ERROR_KVM_MISSING_CAP,   /* KVMMissingCap */
} VtError;

GQuark vt_error_quark(void);

/* The QMP class name of @error; GenericError for any other domain. */
const char *vt_error_class(const GError *error);

/* Sets a VT_ERROR_GENERIC error.  Always returns false, so that a caller can return it. */
bool vt_error_set(GError **error, const char *format, ...) G_GNUC_PRINTF(2, 3);
/* The analyzer reads one C file at a time; these macros show it which functions always return false. */
#ifdef __clang_analyzer__
#define vt_error_set(...) (vt_error_set(__VA_ARGS__), false)
#endif

/*
 * The name of @names (NULL-terminated) closest to @word, or NULL when none is near enough to be meant
 * (Damerau-Levenshtein distance at most a third of the length).  '-' and '_' count as equal.
 */
const char *vt_nearest(const char *word, const char *const *names);
