/* SPDX-License-Identifier: MIT */
/*
 * I/O threads, for their users.
 */
#pragma once

#include "vt-runtime/object.h"

/* Limits for requests.  They may change at run time; any thread. */
typedef struct VtIothreadLimits {
    int64_t aio_max_batch; /* 0: the I/O engine decides */
    int64_t thread_pool_min, thread_pool_max;
} VtIothreadLimits;

/*
 * The context of the realized thread @iothread, borrowed, to attach sources to.  Destroy the sources before the
 * reference to the object is released.  Unrealizing ends the thread after the current callback.
 */
GMainContext *vt_iothread_context(VtObject *iothread);
/* The kernel's thread id. */
int64_t vt_iothread_id(VtObject *iothread);
VtIothreadLimits vt_iothread_limits(VtObject *iothread);
