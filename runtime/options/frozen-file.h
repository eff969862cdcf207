/* SPDX-License-Identifier: MIT */
/*
 * Frozen files: configuration files with an explicit value for every member.
 *
 * The member "frozen" names the newest version that existed when the file was written.  "machine.internal" and
 * "defaults" have the values that no option can set: "defaults" by option and id.  There, null means no value.
 */
#pragma once

#include "options-private.h"

#define FROZEN   "frozen"
#define DEFAULTS "defaults"
#define INTERNAL "internal"

/* The axis whose newest version "frozen" names: machine versions, or platform versions if the schema has no
 * machines. */
VtAxis vt_frozen_axis(const VtSchema *schema);
/* Checks "frozen", "defaults" and "machine.internal" of @file, and keeps references to the values in @line.  Fails if
 * @line has a frozen file already, or if a file without "frozen" has "defaults".  @name names the file in errors. */
bool vt_option_take_frozen(VtCommandLine *line, json_object *file, const char *name, GError **error);
/* Returns whether vt_option_take_frozen() handles the member @name of a configuration file. */
bool vt_option_is_frozen(const char *name);
/* Returns whether @tree, an object, is the answer of query-effective-config. */
bool vt_option_is_effective(const VtCommandLine *line, json_object *tree);
/* Returns the configuration file that says the same as @tree, the answer of query-effective-config, a new reference.
 * @name names the file in errors. */
json_object *vt_option_effective_file(const VtCommandLine *line, json_object *tree, const char *name, GError **error);
/* Adds the frozen values of @line, if any, to @ctx. */
bool vt_option_add_frozen(const VtCommandLine *line, VtContext *ctx, GError **error);
