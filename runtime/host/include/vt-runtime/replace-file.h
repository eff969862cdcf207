/* SPDX-License-Identifier: MIT */
/*
 * Replace the content of a file atomically.
 */
#pragma once

#include <stdbool.h>

#include <glib.h>

/*
 * Replaces the file at @path, or the target of a symbolic link there, by a file with @len bytes of @text. The new file
 * keeps the permissions and, if permitted, the owner. It has no name until it is complete, if the file system supports
 * O_TMPFILE. If @path is not a regular file (a terminal, a pipe), the text is written to it. Returns false and sets
 * @error on failure; a regular file is then unchanged.
 */
bool vt_file_replace(const char *path, const char *text, size_t len, GError **error);
