/* SPDX-License-Identifier: MIT */
/*
 * What disks have in common: sizes of their blocks, and their claim on a block node.
 */
#pragma once

#include "vt-gen/hw.h"
#include "vt-runtime/object.h"

/* Block sizes and what must be their multiples. */
bool vt_block_conf_check(const VtBlockConf *conf, GError **error);
/* Claims the drive for @device: alone unless share-rw is on. */
bool vt_block_conf_claim(VtObject *device, const VtBlockConf *conf, GError **error);
