/* SPDX-License-Identifier: MIT */
/*
 * audiodev-none: sound that nobody hears.  No card makes any in this process, so there is nothing to take.
 */
#include "vt-gen/backends.h"
#include "vt-runtime/object.h"

const VtOps vt_ops_audiodev_none;
