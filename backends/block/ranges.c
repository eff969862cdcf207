/* SPDX-License-Identifier: MIT */
/*
 * Range locks.  One atomic word has the number of exclusive requests (upper half) and the number of counted shared
 * requests (lower half).  A shared request that finds no exclusive one is only counted.  All other requests are in a
 * list in order of arrival, and each knows how many earlier requests it waits for.
 *
 * The ranges of counted requests are unknown, so an exclusive request waits for all of them.  No request is counted
 * while an exclusive one waits.
 */
#include "ranges.h"

#include <stdatomic.h>

#include "loop.h"

#define ONE_EXCLUSIVE (UINT64_C(1) << 32)
#define COUNTED(word) ((word) & (ONE_EXCLUSIVE - 1))

struct VtBlockRanges {
    _Atomic uint64_t word;
    pthread_mutex_t lock;
    VtBlockRequest *first, *last; /* protected by the lock */
};

VtBlockRanges *
vt_block_ranges_new(void)
{
    VtBlockRanges *ranges = g_new0(VtBlockRanges, 1);

    pthread_mutex_init(&ranges->lock, NULL);
    return ranges;
}

void
vt_block_ranges_free(VtBlockRanges *ranges)
{
    g_assert(!atomic_load(&ranges->word) && !ranges->first);
    pthread_mutex_destroy(&ranges->lock);
    g_free(ranges);
}

static bool
conflicts(const VtBlockRange *a, const VtBlockRange *b)
{
    return (a->exclusive || b->exclusive) && a->start < b->end && b->start < a->end;
}

/* ---- called with the lock held ------------------------------------------------------------------------- */

static void
wait_for_one_less(VtBlockRequest *request)
{
    if (--request->range.n_awaited == 0) {
        vt_block_loop_post(request);
    }
}

/* A counted request has ended.  After the last one, the exclusive requests stop waiting for counted ones. */
static void
end_of_counted(VtBlockRanges *ranges)
{
    if (COUNTED(atomic_load(&ranges->word))) {
        return;
    }
    for (VtBlockRequest *request = ranges->first; request; request = request->range.later) {
        if (request->range.awaits_counted) {
            request->range.awaits_counted = false;
            wait_for_one_less(request);
        }
    }
}

static void
append(VtBlockRanges *ranges, VtBlockRequest *request)
{
    for (const VtBlockRequest *earlier = ranges->first; earlier; earlier = earlier->range.later) {
        request->range.n_awaited += conflicts(&earlier->range, &request->range);
    }
    request->range.earlier = ranges->last;
    *(ranges->last ? &ranges->last->range.later : &ranges->first) = request;
    ranges->last = request;
}

static void
withdraw(VtBlockRanges *ranges, VtBlockRequest *request)
{
    VtBlockRequest *earlier = request->range.earlier, *later = request->range.later;

    *(earlier ? &earlier->range.later : &ranges->first) = later;
    *(later ? &later->range.earlier : &ranges->last) = earlier;
    for (; later; later = later->range.later) {
        if (conflicts(&later->range, &request->range)) {
            wait_for_one_less(later);
        }
    }
}

/* ---- lock and unlock ----------------------------------------------------------------------------------- */

static bool
lock_listed(VtBlockRanges *ranges, VtBlockRequest *request, bool exclusive, bool counted,
            void (*granted)(VtBlockRequest *request))
{
    bool at_once;

    pthread_mutex_lock(&ranges->lock);
    if (counted) {
        atomic_fetch_sub(&ranges->word, 1);
        end_of_counted(ranges);
    }
    if (exclusive && COUNTED(atomic_fetch_add(&ranges->word, ONE_EXCLUSIVE))) {
        request->range.awaits_counted = true;
        request->range.n_awaited = 1;
    }
    append(ranges, request);
    at_once = !request->range.n_awaited;
    if (!at_once) {
        request->resume = granted;
    }
    pthread_mutex_unlock(&ranges->lock);
    return at_once;
}

bool
vt_block_ranges_lock(VtBlockRanges *ranges, VtBlockRequest *request, int64_t start, int64_t end, bool exclusive,
                     void (*granted)(VtBlockRequest *request))
{
    /* Operations that can take long are always listed, so that requests to other ranges do not wait for them. */
    bool countable = !exclusive && (request->op == VT_BLOCK_READ || request->op == VT_BLOCK_WRITE);
    bool counted = countable && atomic_load_explicit(&ranges->word, memory_order_relaxed) < ONE_EXCLUSIVE;

    if (counted && atomic_fetch_add(&ranges->word, 1) < ONE_EXCLUSIVE) {
        request->range.state = VT_BLOCK_RANGE_COUNTED;
        return true;
    }
    request->range = (VtBlockRange){.state = VT_BLOCK_RANGE_LISTED, .exclusive = exclusive, .start = start, .end = end};
    return lock_listed(ranges, request, exclusive, counted, granted);
}

void
vt_block_ranges_unlock(VtBlockRanges *ranges, VtBlockRequest *request)
{
    VtBlockRangeState state = request->range.state;
    uint64_t before;

    if (state == VT_BLOCK_RANGE_NONE) {
        return;
    }
    request->range.state = VT_BLOCK_RANGE_NONE;
    if (state == VT_BLOCK_RANGE_COUNTED) {
        before = atomic_fetch_sub(&ranges->word, 1);
        if (before < ONE_EXCLUSIVE || COUNTED(before) > 1) {
            return;
        }
        pthread_mutex_lock(&ranges->lock);
        end_of_counted(ranges);
    } else {
        pthread_mutex_lock(&ranges->lock);
        withdraw(ranges, request);
        if (request->range.exclusive) {
            atomic_fetch_sub(&ranges->word, ONE_EXCLUSIVE);
        }
    }
    pthread_mutex_unlock(&ranges->lock);
}
