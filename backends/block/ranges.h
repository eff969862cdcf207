/* SPDX-License-Identifier: MIT */
/*
 * Locks on ranges of an image.  A read-modify-write locks its blocks exclusively; any other request shares its bytes
 * with others that do.  Requests that conflict run in the order in which they came, so none of them starves.
 *
 * While nobody holds or awaits an exclusive lock, a read or a write pays one atomic operation on each side.
 */
#pragma once

#include "node.h"

typedef struct VtBlockRanges VtBlockRanges;

VtBlockRanges *vt_block_ranges_new(void);
void vt_block_ranges_free(VtBlockRanges *ranges); /* nobody holds or awaits a lock */

/* Locks bytes @start to @end (not included) for @request; in the thread of its loop.  True: they are locked.  False: it
 * waits, and @granted is called in the thread of its loop once they are. */
bool vt_block_ranges_lock(VtBlockRanges *ranges, VtBlockRequest *request, int64_t start, int64_t end, bool exclusive,
                          void (*granted)(VtBlockRequest *request));
/* Of a request that holds a lock, or none. */
void vt_block_ranges_unlock(VtBlockRanges *ranges, VtBlockRequest *request);
