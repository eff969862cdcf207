/* SPDX-License-Identifier: MIT */
/*
 * Selection of classes, for defaults and diff.
 */
#pragma once

#include "tool.h"

/* Selects the classes named by @words that support @target (0: any).  Without words, selects all that are not abstract.
 */
bool tool_classes_select(const VtSchema *schema, GPtrArray *words, uint16_t target, GArray **ret_classes,
                         GError **error);
/* Creates a context without a VM, with the machine of @overrides, or none. */
VtContext *tool_context_new(const VtSchema *schema, const VtOverrides *overrides, GError **error);

/* A class that a name stands for. */
typedef struct ToolNamed {
    const VtClassInfo *class;
    const char *kind; /* what the name is: "type", "alias of type", "CPU model, type" */
} ToolNamed;
/* Returns the classes with the name, tag, alias or model @name on any target, as an array of ToolNamed, which the
 * caller frees. Machines are left out. */
GArray *tool_classes_named(const VtSchema *schema, const char *name);
