/* SPDX-License-Identifier: MIT */
/*
 * Forms in which changes are written: text, JSON, HTML.
 */
#pragma once

#include "tool-diff-groups.h"

typedef struct DiffSides {
    const char *from, *to; /* names of the two sides */
    bool classes;          /* the changes are of classes, not of objects */
} DiffSides;

typedef struct DiffSection {
    const char *title;     /* NULL: none */
    const GArray *changes; /* of VtDiff */
} DiffSection;

/* Prints each section that has changes, with one line for each cause, in columns that all sections share. */
void diff_print_sections(const DiffSection *sections, size_t n, const DiffSides *sides);
/* Prints groups of changes within the width of the terminal: first what the guest sees. */
void diff_print_text(const GArray *changes, const DiffSides *sides);
/* {"changes": {key: {property: {"from", "to", "axis", "since", "why", "file", "line", "guest"}}}, "objects":
 * {key: {"from", "to"}}}.  A missing value is null.  "objects" has objects that exist on one side only, with their
 * classes.  A new reference. */
struct json_object *diff_json(const GArray *changes);
/* Prints a page without references to other files. */
void diff_print_html(const GArray *changes, const DiffSides *sides);
/* The value of a side as text, a size with its unit.  The caller frees it. */
char *diff_value_text(const VtDiff *change, struct json_object *value);
