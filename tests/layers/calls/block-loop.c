/* SPDX-License-Identifier: MIT */
/* A call that backends/block/loop.c must not make: blockdev.c is above it. */
#include "vt-runtime/object.h"

void *vt_block_node(VtObject *blockdev);
void *upward(VtObject *blockdev);

void *
upward(VtObject *blockdev)
{
    return vt_block_node(blockdev);
}
