/* SPDX-License-Identifier: MIT */
/*
 * Shared by query-block.c, query-blockstats.c and drive.c.  @entries: the result of vt_vm_objects().
 */
#pragma once

#include "node.h"
#include "vt-runtime/vm.h"

/* The node's id, or its name in the object tree; borrowed from @node or @entries. */
const char *vt_block_node_name(GArray *entries, const VtBlockNode *node);
/* NULL: the entry is not a block node in use. */
VtBlockNode *vt_block_entry_node(const VtEntryKey *entry);
/* The node of the medium: @node, or the one below if @node is a drive of '-drive'; NULL: there is no medium. */
VtBlockNode *vt_block_medium(VtBlockNode *node);
/* Returns the member by which a device uses a node; NULL: the entry is not such a device, or the reference is deeper.
 */
const VtProp *vt_block_entry_user(const VtEntryKey *entry, VtBlockNode **ret_node);
/* Returns the device that uses a node; NULL: the entry is not one. */
VtObject *vt_block_entry_device(const VtEntryKey *entry, VtBlockNode **ret_node);
/* The device's id or path; owned by the caller. */
char *vt_block_device_name(VtObject *device);
/* Finds a node by the id or path of its device, or of the device that embeds it, or by the name of a drive. */
VtBlockNode *vt_block_device_node(const VtVm *vm, GArray *entries, const char *name);
