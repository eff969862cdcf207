/* SPDX-License-Identifier: MIT */
/*
 * Watches: file descriptors of which most are idle.
 *
 * The main loop polls one epoll descriptor for all watches, so that idle watches cost no CPU time. It polls a
 * descriptor that epoll does not support (a regular file, some devices) by itself. One iteration of the loop serves up
 * to 16 watches, in rotation. Main thread only.
 */
#pragma once

#include <glib.h>

typedef struct VtWatch VtWatch;

/* Called when the descriptor is ready. It may change or free any watch. It must not iterate the main context. */
typedef void (*VtWatchFunc)(void *opaque);

/* Creates a watch of @fd without conditions. @fd is borrowed and must outlive the watch; each watch needs its own
 * descriptor. */
VtWatch *vt_watch_new(int fd, VtWatchFunc ready, void *opaque);
void vt_watch_free(VtWatch *watch); /* NULL is a no-op */
/* Sets the conditions: G_IO_IN, G_IO_OUT or both; 0 disables the watch. An enabled watch also reports errors and a
 * hangup. */
void vt_watch_set(VtWatch *watch, GIOCondition conditions);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VtWatch, vt_watch_free)
