/* SPDX-License-Identifier: MIT */
/*
 * Range locks of an image.  A read-modify-write locks its blocks exclusively; other requests share their ranges.
 * Conflicting requests run in order of arrival, so none of them starves.
 *
 * While no request holds or awaits an exclusive lock, a read or write costs one atomic operation to lock and one to
 * unlock.
 */
#pragma once

#include "node.h"

typedef struct VtBlockRanges VtBlockRanges;

VtBlockRanges *vt_block_ranges_new(void);
void vt_block_ranges_free(VtBlockRanges *ranges); /* no request holds or awaits a lock */

/* Locks bytes @start to @end (exclusive) for @request; call it in the thread of its loop.  True: the lock is held.
 * False: the request waits, and @granted is called in the thread of its loop once it holds the lock. */
bool vt_block_ranges_lock(VtBlockRanges *ranges, VtBlockRequest *request, int64_t start, int64_t end, bool exclusive,
                          void (*granted)(VtBlockRequest *request));
/* Releases the lock of @request, if it holds one. */
void vt_block_ranges_unlock(VtBlockRanges *ranges, VtBlockRequest *request);
