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

/* The versions whose defaults a help text has. */
typedef struct VtHelpVersions {
    const VtMachineName *machine; /* NULL: the newest one */
    uint16_t platform;            /* on the platform axis; 0: the open version */
} VtHelpVersions;

/* The members of class @info, which is that of @machine, or NULL for other classes.  The caller frees the text. */
char *vt_help_members(const VtSchema *schema, const VtClassInfo *info, const VtMachineName *machine,
                      const VtHelpVersions *versions, uint16_t target);
/* Whether a help text lists the class below @root. */
bool vt_help_is_listed(const VtClassInfo *info, const VtClassInfo *root, uint16_t target);
/* Appends the values of the enum or scalar @type. */
void vt_help_append_names(GString *text, const VtSchema *schema, uint16_t type);
/* The values of the key of key=value text of @option, whose value has a struct type; NULL: they have no list.  The
 * caller frees the text. */
char *vt_help_values(const VtSchema *schema, const VtOption *option, const char *key, uint16_t target);
/* The values of @option, or the members of its value.  The caller frees the text. */
char *vt_help_struct(const VtSchema *schema, const VtOption *option);
