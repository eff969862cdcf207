/* SPDX-License-Identifier: MIT */
/*
 * audiodev-none: an audio backend without output.  No emulated card produces sound, so it needs no host resource.
 */
#include "vt-gen/backends.h"
#include "vt-runtime/object.h"

const VtOps vt_ops_audiodev_none;
