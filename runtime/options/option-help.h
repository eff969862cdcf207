/* SPDX-License-Identifier: MIT */
/*
 * Parts of help texts, which option-help.c composes.  Lists mark the names that the newest release has removed
 * or deprecated.
 */
#pragma once

#include "vt-runtime/options.h"

/* Appends @left and, in a column of its own, @doc.  @doc may be NULL. */
void vt_help_append_line(GString *text, const char *left, const char *doc);
/* The stage in the newest release.  @life may be NULL. */
VtLifeStage vt_help_stage(const VtSchema *schema, const VtLife *life);
/* @doc, marked if the name is deprecated or removed.  The caller frees it. */
char *vt_help_marked(const char *doc, VtLifeStage stage);

/* The members of class @info; of a machine, in the version of @machine, which is NULL otherwise.  The caller frees the
 * text. */
char *vt_help_members(const VtSchema *schema, const VtClassInfo *info, const VtMachineName *machine, uint16_t target);
/* The members of the value of @option.  The caller frees the text. */
char *vt_help_struct(const VtSchema *schema, const VtOption *option);
