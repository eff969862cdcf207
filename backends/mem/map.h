/* SPDX-License-Identifier: MIT */
/*
 * Mapping memory: an address, the host's nodes that it comes from, and giving it back.
 */
#pragma once

#include "memory.h"
#include "vt-gen/backends.h"

/* All that is mapped, the guard page behind the memory included. */
typedef struct VtMapping {
    void *start;
    size_t size;
} VtMapping;

/* Fills in @memory's base and mapped; the other fields say what is to be mapped. */
bool vt_mapping_open(VtMapping *mapping, VtMemory *memory, const VtMemorySource *source, bool reserve, GError **error);
void vt_mapping_close(VtMapping *mapping);

/* Before the first page is taken. */
bool vt_mapping_bind(const VtMemory *memory, VtHostMemPolicy policy, const uint16_t *nodes, size_t n_nodes,
                     GError **error);
