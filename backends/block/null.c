/* SPDX-License-Identifier: MIT */
/*
 * null-co: a node of a given size that keeps nothing.  Every member is free of the others, so its ranges in the schema
 * are all the rules there are.
 */
#include "vt-gen/backends.h"
#include "vt-runtime/object.h"

const VtOps vt_ops_blockdev_null_co = {.state_size = 0};
