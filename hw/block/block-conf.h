/* SPDX-License-Identifier: MIT */
/*
 * Properties that all disks share: block sizes, and the claim on a block node.
 */
#pragma once

#include "vt-gen/hw.h"
#include "vt-runtime/object.h"

/* Checks the block sizes, and the members that must be multiples of them. */
bool vt_block_conf_check(const VtBlockConf *conf, GError **error);
/* Claims the drive for @device: exclusively unless share-rw is on. */
bool vt_block_conf_claim(VtObject *device, const VtBlockConf *conf, GError **error);
