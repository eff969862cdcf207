/* SPDX-License-Identifier: MIT */
/*
 * Values in memory: functions for the directories that create values.
 */
#pragma once

#include "schema/row-private.h"
#include "vt-runtime/config.h"

/* Returns whether the value may own memory. For a union or an alternate, always true. */
bool vt_field_owns(const VtSchema *schema, const VtLayer *layer, const VtRow *row, const void *field);
/* Returns the global struct type of the branch that the tag of the union @data selects, or 0. */
uint16_t vt_union_branch(const VtLayer *layer, const VtType *type, const void *data);
/* As vt_field_clear(), but leaves @field unchanged. For memory that is freed next. */
void vt_field_release(const VtSchema *schema, const VtLayer *layer, const VtRow *row, void *field);

/* Allocates a config, its data and a copy of @where in one block. The data is uninitialized. @where: the position, of
 * @len bytes, without NUL; or NULL. */
VtConfig *vt_config_alloc(const VtClassInfo *info, const char *where, size_t len);
/* Frees the id, the position and the model of a config that is freed next. */
void vt_config_release_texts(VtConfig *config);
