/* SPDX-License-Identifier: MIT */
/*
 * Classes in a context, for defaults and diff.
 */
#pragma once

#include "tool.h"

/* The classes called by the words, which @target (0: any) must have; without words, all that are not abstract. */
bool tool_classes_select(const VtSchema *schema, GPtrArray *words, uint16_t target, GPtrArray **ret_classes,
                         GError **error);
/* Whether @ctx has objects of the class: its target, its machine. */
bool tool_class_exists(const VtClassInfo *info, const VtContext *ctx);
/* A context without a VM: of the machine that @overrides names, or none. */
VtContext *tool_context_new(const VtSchema *schema, const VtOverrides *overrides, GError **error);
