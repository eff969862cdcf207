/* SPDX-License-Identifier: MIT */
/*
 * I/O threads, as their users see them.
 */
#pragma once

#include "vt-runtime/object.h"

/* What requests run with.  May change while the thread runs; from any thread. */
typedef struct VtIothreadLimits {
    int64_t aio_max_batch; /* 0: left to who hands requests over */
    int64_t thread_pool_min, thread_pool_max;
} VtIothreadLimits;

/*
 * The loop of the realized thread @iothread: attach sources to it.  Borrowed; whoever attaches destroys the source
 * before it gives up its reference to the object.  Unrealizing ends the thread after the callback that is running.
 */
GMainContext *vt_iothread_context(VtObject *iothread);
/* What the host calls the thread. */
int64_t vt_iothread_id(VtObject *iothread);
VtIothreadLimits vt_iothread_limits(VtObject *iothread);
