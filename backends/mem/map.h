/* SPDX-License-Identifier: MIT */
/*
 * Mapping of memory: address, NUMA policy of the host, and unmapping.
 */
#pragma once

#include "memory.h"
#include "vt-gen/backends.h"

/* The whole mapping, with the guard page after the memory. */
typedef struct VtMapping {
    void *start;
    size_t size;
} VtMapping;

/* Maps the memory that the other members of @memory describe, and sets base and mapped. */
bool vt_mapping_open(VtMapping *mapping, VtMemory *memory, const VtMemorySource *source, bool reserve, GError **error);
void vt_mapping_close(VtMapping *mapping);

/* Sets the NUMA policy.  Call it before the first page is allocated. */
bool vt_mapping_bind(const VtMemory *memory, VtHostMemPolicy policy, const uint16_t *nodes, size_t n_nodes,
                     GError **error);
