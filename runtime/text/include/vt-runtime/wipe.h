/* SPDX-License-Identifier: MIT */
/*
 * Wipe: memory that held what a user wrote is overwritten before it is released.
 *
 * Whether a text held a secret is known only once it has been decoded, so every text that a user wrote counts as one:
 * command lines, configuration files, QMP requests, the strings decoded from them, and the configurations of objects.
 */
#pragma once

#include <json-c/json_types.h>

#include <glib.h>

/* NULL is allowed. */
void vt_wipe_free(void *memory, size_t size);
void vt_wipe_str(char *text); /* ends with NUL */
void vt_wipe_string(GString *string);
/* A GString with a copy moves its bytes when it grows: room for @len more bytes, and the old place is wiped. */
void vt_wipe_reserve(GString *string, size_t len);
/* A JSON string that wipes its text when the last reference to it goes. */
json_object *vt_wipe_json_string(const char *text, size_t len);
