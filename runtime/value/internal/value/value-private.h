/* SPDX-License-Identifier: MIT */
/*
 * Values in memory, for the floors that make them.
 */
#pragma once

#include "schema/row-private.h"
#include "vt-runtime/config.h"

/* Whether the value in memory owns something. */
bool vt_field_owns(const VtSchema *schema, const VtLayer *layer, const VtRow *row, const void *field);
/* The struct type of the branch that a union's tag chooses, or 0. */
uint16_t vt_union_branch(const VtLayer *layer, const VtType *type, const void *data);
/* vt_field_clear() of memory that is about to go: what it points to is freed, the field itself is left as it is. */
void vt_field_release(const VtSchema *schema, const VtLayer *layer, const VtRow *row, void *field);

/* A config of the class with its data behind it, in one block; the data is not set yet. */
static inline VtConfig *
vt_config_alloc(const VtClassInfo *info)
{
    VtConfig *config = g_malloc(sizeof(VtConfig) + info->row->config_size);

    G_STATIC_ASSERT(sizeof(VtConfig) % sizeof(uint64_t) == 0);
    *config = (VtConfig){.info = info, .data = config + 1};
    return config;
}
