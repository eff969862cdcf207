/* SPDX-License-Identifier: MIT */
/*
 * Replaces what a file holds: all of it or nothing.
 */
#pragma once

#include <stdbool.h>

#include <glib.h>

/*
 * The file at @path, or where a symbolic link there leads to, holds @text afterwards, with the permissions and, where
 * that is allowed, the owner that it had.  The new file has no name until it is whole.  What is no regular file (a
 * terminal, a pipe) is written to.
 */
bool vt_file_replace(const char *path, const char *text, size_t len, GError **error);
