/* SPDX-License-Identifier: MIT */
/*
 * Sorted arrays of pointers.  No two elements compare as equal.
 */
#pragma once

#include <glib.h>

typedef int (*VtCompare)(const void *a, const void *b);

void vt_sorted_insert(GPtrArray *array, void *element, VtCompare compare);
/* The index of @element, which must be in the array. */
guint vt_sorted_find(const GPtrArray *array, const void *element, VtCompare compare);
void vt_sorted_remove(GPtrArray *array, const void *element, VtCompare compare);
