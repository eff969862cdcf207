/* SPDX-License-Identifier: MIT */
/*
 * libslirp in the main loop: a source that polls its descriptors, and its timers.
 */
#pragma once

#include <stdint.h>

#include <glib.h>

struct Slirp;

typedef struct VtUserPoll VtUserPoll;

/* Called before and after each poll. */
typedef void (*VtUserPollFunc)(void *opaque);

VtUserPoll *vt_user_poll_new(struct Slirp *slirp, VtUserPollFunc before, VtUserPollFunc after, void *opaque);
void vt_user_poll_free(VtUserPoll *poll);
/* Polls @fd too.  The caller owns @fd and removes it before it is freed. */
void vt_user_poll_add(VtUserPoll *poll, GPollFD *fd);
void vt_user_poll_remove(VtUserPoll *poll, GPollFD *fd);
/* Call before @fd is closed. */
void vt_user_poll_forget(VtUserPoll *poll, int fd);

/* Clock in nanoseconds, and timers, as SlirpCb requires them. */
int64_t vt_user_clock_ns(void *opaque);
void *vt_user_timer_new(void (*func)(void *opaque), void *func_opaque, void *opaque);
void vt_user_timer_free(void *timer, void *opaque);
void vt_user_timer_mod(void *timer, int64_t expire_ms, void *opaque);
