/* SPDX-License-Identifier: MIT */
/*
 * An index of names in the tables. GHashTable demands keys without 'const'.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

typedef struct VtNameIndex VtNameIndex;

/* Creates an index with room for @n names. The caller owns it. */
VtNameIndex *vt_name_index_new(size_t n);
void vt_name_index_free(VtNameIndex *index);
/* Adds @name, which is borrowed and not in the index, with a @value other than 0. */
void vt_name_index_add(VtNameIndex *index, const char *name, uint32_t value);
/* Returns the value of @name, or 0 if the index does not have it. */
uint32_t vt_name_index_find(const VtNameIndex *index, const char *name);
