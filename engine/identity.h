/* SPDX-License-Identifier: MIT */
#pragma once

#include <glib.h>

/* Returns a text that is the same as long as the file at @path is the same: path, size, time, inode and build-id. The
 * caller frees it. NULL and @error: the file cannot be read. */
char *engine_identity(const char *path, GError **error);
