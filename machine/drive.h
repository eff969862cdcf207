/* SPDX-License-Identifier: MIT */
/*
 * Block nodes of drives: from the name of a file to the members of its block node.
 */
#pragma once

#include "vt-gen/machine.h"

/* Adds the member @key, below @prefix if that is not empty. */
void vt_drive_add(GArray *settings, const char *prefix, const char *key, const char *value);
/* Adds the members of the block node below @prefix for the file name @file: "PATH", "PROTOCOL:…", "PROTOCOL://…" or
 * "json:{…}".  On failure returns false and sets @error, without the position. */
bool vt_drive_add_file(GArray *settings, const char *prefix, const char *file, GError **error);
/* Returns whether the block driver stores data itself, so that it has no file below it. */
bool vt_drive_is_protocol(const char *driver);
