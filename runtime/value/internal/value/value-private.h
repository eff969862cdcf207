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

/* Allocates a config and its data in one block. The data is uninitialized. */
static inline VtConfig *
vt_config_alloc(const VtClassInfo *info)
{
    VtConfig *config = g_malloc(sizeof(VtConfig) + info->row->config_size);

    G_STATIC_ASSERT(sizeof(VtConfig) % sizeof(uint64_t) == 0);
    *config = (VtConfig){.info = info, .data = config + 1};
    return config;
}
