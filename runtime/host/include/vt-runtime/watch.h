/* SPDX-License-Identifier: MIT */
/*
 * Watches: descriptors of which many are idle.
 *
 * The main loop polls one descriptor for all watches, so an idle watch costs nothing.  What the host does not let in
 * there (regular files, some devices), the main loop polls by itself.  In one turn of the loop a bounded number of
 * watches is ready, in rotation.  Main thread only.
 */
#pragma once

#include <glib.h>

typedef struct VtWatch VtWatch;

/* It may change or free any watch, also its own. */
typedef void (*VtWatchFunc)(void *opaque);

/* Borrows @fd, which must outlive the watch; two watches have two descriptors.  It waits for nothing. */
VtWatch *vt_watch_new(int fd, VtWatchFunc ready, void *opaque);
void vt_watch_free(VtWatch *watch); /* NULL: nothing happens */
/* @conditions: G_IO_IN, G_IO_OUT or both; an error or the end of the other side counts as either.  0: nothing. */
void vt_watch_set(VtWatch *watch, GIOCondition conditions);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VtWatch, vt_watch_free)
