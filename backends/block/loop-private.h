/* SPDX-License-Identifier: MIT */
/*
 * What a loop is made of, for the files that make it up.
 */
#pragma once

#include "loop.h"

enum { VT_LOOP_WAKE, VT_LOOP_TIMER, VT_LOOP_ENGINES, VT_LOOP_N_FDS = VT_LOOP_ENGINES + VT_BLOCK_N_ENGINES };

typedef struct VtLoopEngine {
    const VtBlockQueueOps *ops;
    void *state; /* NULL: not made */
    int64_t waiting;
} VtLoopEngine;

/* What glib hands from thread to thread is handed over here as well, for those who watch over that (ThreadSanitizer)
 * don't see into glib. */
typedef struct VtLoopSource {
    GSource source;
    VtBlockLoop *_Atomic loop;
    _Atomic unsigned turns;
} VtLoopSource;

struct VtBlockLoop {
    VtLoopSource *source;
    GMainContext *context; /* NULL: the main thread's */
    VtObject *iothread;
    unsigned refs;          /* the main thread's */
    int fds[VT_LOOP_N_FDS]; /* -1: none */
    void *tags[VT_LOOP_N_FDS];
    VtLoopEngine engines[VT_BLOCK_N_ENGINES];
    VtBlockPool *pool;
    VtBlockQueue ready;      /* the loop's thread's own */
    VtBlockRequest *delayed; /* likewise, by deadline */
    VtBlockRequest *last_delayed;
    VtBlockRequest *unused;
    unsigned n_unused;
    pthread_mutex_t lock;
    VtBlockQueue inbox; /* under the lock */
    bool woken;         /* likewise */
};

/* Hands over to the host what waits, where the host takes it. */
void vt_block_loop_kick(VtLoopEngine *engine);
/* Adds @fd to what the loop waits for. */
void vt_block_loop_watch(VtBlockLoop *loop, int which, int fd);
extern GSourceFuncs vt_block_loop_funcs;
