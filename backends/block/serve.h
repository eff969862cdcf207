/* SPDX-License-Identifier: MIT */
#pragma once

#include "vt-backends/block.h"
#include "vt-runtime/ops.h"

/* Serves a block node by NBD. */
extern const VtServeOps vt_block_serve;
