/* SPDX-License-Identifier: MIT */
/*
 * Internals of a loop, shared by its source files.
 */
#pragma once

#include "loop.h"

enum { VT_LOOP_WAKE, VT_LOOP_TIMER, VT_LOOP_ENGINES, VT_LOOP_N_FDS = VT_LOOP_ENGINES + VT_BLOCK_N_ENGINES };

typedef struct VtLoopEngine {
    const VtBlockQueueOps *ops;
    void *state; /* NULL: not created */
    int64_t waiting;
} VtLoopEngine;

/* GLib synchronizes the threads itself, but ThreadSanitizer does not see that.  These atomics make the hand-over
 * visible. */
typedef struct VtLoopSource {
    GSource source;
    VtBlockLoop *_Atomic loop;
    _Atomic unsigned turns;
} VtLoopSource;

struct VtBlockLoop {
    VtLoopSource *source;
    GMainContext *context; /* NULL: the main thread's context */
    VtObject *iothread;
    unsigned refs;          /* main thread only */
    int fds[VT_LOOP_N_FDS]; /* -1: none */
    void *tags[VT_LOOP_N_FDS];
    VtLoopEngine engines[VT_BLOCK_N_ENGINES];
    VtBlockPool *pool;
    VtBlockPool *tasks[VT_BLOCK_DEPTH_MAX]; /* of tasks; index: level */
    VtBlockQueue ready;                     /* loop's thread only */
    VtBlockRequest *delayed;                /* loop's thread only, ordered by deadline */
    VtBlockRequest *last_delayed;
    VtBlockRequest *unused;
    unsigned n_unused;
    pthread_mutex_t lock;
    VtBlockQueue inbox; /* protected by the lock */
    bool woken;         /* protected by the lock */
};

/* Submits the waiting requests to the kernel, as far as the kernel accepts them. */
void vt_block_loop_kick(VtLoopEngine *engine);
/* Adds @fd to the descriptors that the loop polls. */
void vt_block_loop_watch(VtBlockLoop *loop, int which, int fd);
extern GSourceFuncs vt_block_loop_funcs;
