/* SPDX-License-Identifier: MIT */
/*
 * What query-block.c and query-blockstats.c know of each other.  @entries: of vt_vm_objects().
 */
#pragma once

#include "node.h"
#include "vt-runtime/vm.h"

/* Its name, or what it is called in the tree; borrowed from either. */
const char *vt_block_node_name(GArray *entries, const VtBlockNode *node);
/* NULL: it is no node that is in use. */
VtBlockNode *vt_block_entry_node(const VtEntryKey *entry);
/* The device that uses a node; NULL: it is none. */
VtObject *vt_block_entry_device(const VtEntryKey *entry, VtBlockNode **ret_node);
/* Its id or path; owned by the caller. */
char *vt_block_device_name(VtObject *device);
