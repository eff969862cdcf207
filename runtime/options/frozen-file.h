/* SPDX-License-Identifier: MIT */
/*
 * Frozen files: configuration files in which nothing is left to a default.
 *
 * "frozen" names the newest version that was known when the file was written.  Values that no option can set are in
 * "machine.internal" and in "defaults", by option and id; null there means that the value is absent.
 */
#pragma once

#include "options-private.h"

#define FROZEN   "frozen"
#define DEFAULTS "defaults"
#define INTERNAL "internal"
#define MACHINE  "machine"

/* The axis whose newest version "frozen" names: that of machines, where the schema has any. */
VtAxis vt_frozen_axis(const VtSchema *schema);
/* Keeps "frozen", "defaults" and "machine.internal" of @file in @line, which holds at most one frozen file.  Fails if a
 * file that is not frozen has "defaults".  @name is the file's in errors. */
bool vt_option_take_frozen(VtCommandLine *line, json_object *file, const char *name, GError **error);
/* Whether @name is a member of a configuration file that vt_option_take_frozen() reads. */
bool vt_option_is_frozen(const char *name);
/* Adds the frozen values that @line holds, if any, to @ctx. */
bool vt_option_add_frozen(const VtCommandLine *line, VtContext *ctx, GError **error);
