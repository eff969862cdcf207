/* SPDX-License-Identifier: MIT */
/*
 * libslirp in the main loop: a source that waits for what it waits for, and its timers.
 */
#pragma once

#include <stdint.h>

#include <glib.h>

struct Slirp;

typedef struct VtUserPoll VtUserPoll;

/* What else is waited for: called before each wait, and after it. */
typedef void (*VtUserPollFunc)(void *opaque);

VtUserPoll *vt_user_poll_new(struct Slirp *slirp, VtUserPollFunc before, VtUserPollFunc after, void *opaque);
void vt_user_poll_free(VtUserPoll *poll);
/* Waits for @fd as well, as its events say; the caller owns @fd and takes it out before it goes. */
void vt_user_poll_add(VtUserPoll *poll, GPollFD *fd);
void vt_user_poll_remove(VtUserPoll *poll, GPollFD *fd);
/* @fd is about to be closed. */
void vt_user_poll_forget(VtUserPoll *poll, int fd);

/* Time in nanoseconds, and timers by it: as SlirpCb wants them. */
int64_t vt_user_clock_ns(void *opaque);
void *vt_user_timer_new(void (*func)(void *opaque), void *func_opaque, void *opaque);
void vt_user_timer_free(void *timer, void *opaque);
void vt_user_timer_mod(void *timer, int64_t expire_ms, void *opaque);
