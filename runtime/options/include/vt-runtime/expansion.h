/* SPDX-License-Identifier: MIT */
/*
 * Expansion: the uses of an option whose meaning depends on the machine, as its function settles them.
 *
 * The schema names the function ('expands-by') and the templates that make objects of the settled values
 * ('expands-to').  The function gets all uses of the option in order, also those of default devices.  Main thread only.
 */
#pragma once

#include "vt-runtime/config.h"

typedef struct VtExpansion VtExpansion;

const VtSchema *vt_expansion_schema(const VtExpansion *expansion);
/* The config of the machine, with the values that the user gave. NULL: the program has no machines. */
const void *vt_expansion_machine(const VtExpansion *expansion);
/* Returns whether the member is present. @value is one of the values; @member is the path of a member, as
 * "cache.direct". */
bool vt_expansion_has(const VtExpansion *expansion, const void *value, const char *member);
/* Records that the function has set the member. */
void vt_expansion_mark(const VtExpansion *expansion, void *value, const char *member);
/* Returns whether the value is of a default device, which gives way to what the user named. */
bool vt_expansion_is_default(const VtExpansion *expansion, const void *value);
/* Makes no objects of the value. */
void vt_expansion_drop(VtExpansion *expansion, const void *value);
bool vt_expansion_is_dropped(const VtExpansion *expansion, const void *value);
/* Returns whether the command line has the option @name. */
bool vt_expansion_uses(const VtExpansion *expansion, const char *name);
/* Calls @func with each member, and its value, that @value of the short key @key of the class stands for.  Returns
 * false if the class has no such key. */
typedef void (*VtShortMemberFunc)(const char *member, const char *value, void *opaque);
bool vt_class_expand_short(const VtClassInfo *info, const char *key, const char *value, VtShortMemberFunc func,
                           void *opaque);
/* Sets the error "WHERE: ...", where WHERE is the argument of the value. Returns false. */
bool vt_expansion_fail(const VtExpansion *expansion, const void *value, GError **error, const char *format, ...)
    G_GNUC_PRINTF(4, 5);
