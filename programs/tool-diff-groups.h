/* SPDX-License-Identifier: MIT */
/*
 * Groups of changes with one cause: the same property, values and entry of the schema, for many objects.
 */
#pragma once

#include "vt-runtime/diff.h"

typedef struct DiffFilter {
    bool guest;          /* what the guest sees */
    bool defaults;       /* values that the user did not set */
    bool given;          /* values that the user set */
    GPtrArray *patterns; /* globs of classes or objects, or of CLASS.PROPERTY; borrowed texts; empty: all */
} DiffFilter;

typedef struct DiffGroup {
    const VtDiff *first;
    GPtrArray *keys; /* of the objects or classes; borrowed */
} DiffGroup;

/* Whether @pattern selects @change. */
bool diff_matches(const VtDiff *change, const char *pattern);
/* Removes the changes that @filter does not select. */
void diff_filter(GArray *changes, const DiffFilter *filter);
/* The groups of @changes, an array of DiffGroup: what the guest sees first, and then by the order of the changes.  The
 * caller frees it before @changes. */
GArray *diff_groups_new(const GArray *changes);
