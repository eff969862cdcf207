/* SPDX-License-Identifier: MIT */
/*
 * What vintage explain explains: objects of a VM, classes, and properties of both.
 */
#pragma once

#include "tool-vm.h"

typedef struct Selection {
    const VtEntryKey *entry;  /* NULL: @class */
    const VtClassInfo *class; /* that of the object, or the one to explain */
    const char *property;     /* NULL: all */
} Selection;

/* The machine that @words name, for a command without a VM; NULL: none.  The caller frees it. */
char *explain_machine(const VtSchema *schema, const GPtrArray *words);
/*
 * Adds what @words name to @selected, an array of Selection.  A word is the key of an object of @objects, "machine",
 * the name or alias of a machine, or that of a type, a CPU model or a class; each also with ".PROPERTY".  A class
 * stands for its objects, or for itself if the VM has none.  Without words, adds every object.
 */
bool explain_select(const VtVm *vm, GArray *objects, const GPtrArray *words, GArray *selected, GError **error);
