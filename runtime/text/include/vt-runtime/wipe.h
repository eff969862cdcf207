/* SPDX-License-Identifier: MIT */
/*
 * Wipe: overwrite memory with user input before it is freed.
 *
 * Only decoding shows whether text contains a secret. All user input is therefore wiped: command lines, configuration
 * files, QMP requests, the strings decoded from them, and the configurations of objects.
 */
#pragma once

#include <json-c/json_types.h>

#include <glib.h>

/* Overwrite memory and free it with g_free(); NULL is a no-op. vt_wipe_free() overwrites @size bytes, vt_wipe_str() up
 * to the NUL, vt_wipe_string() the whole allocation. */
void vt_wipe_free(void *memory, size_t size);
void vt_wipe_str(char *text);
void vt_wipe_string(GString *string);
/* Makes room for @len more bytes in @string. If the buffer moves, the old buffer is wiped; GString itself would not
 * wipe it. */
void vt_wipe_reserve(GString *string, size_t len);
/* Returns a new JSON string with a copy of @len bytes (at most INT_MAX) of @text. The copy is wiped when the last
 * reference is released. */
json_object *vt_wipe_json_string(const char *text, size_t len);
