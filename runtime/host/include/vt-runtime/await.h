/* SPDX-License-Identifier: MIT */
/*
 * Work that a request waits for, while other requests are served.
 *
 * Who needs what takes long (a name, cleared pages) begins it here and fails.  As after any error, nothing has changed.
 * When the work is done, the request is executed again, finds the work by its key and goes on.  Main thread only,
 * except for what is said to run in a thread.
 */
#pragma once

#include <stdbool.h>

#include <glib.h>

typedef struct VtAwaits VtAwaits; /* the work of one request */

typedef struct VtWorkOps {
    void (*run)(void *work);    /* in a thread */
    void (*cancel)(void *work); /* nobody waits any more, while run() may be under way; NULL: nothing to do */
    void (*free)(void *work);   /* run() is over, or never began */
} VtWorkOps;

/* ---- for who executes requests */

/* @done: all work of the request that is executed is done; execute it again. */
VtAwaits *vt_awaits_new(void (*done)(void *opaque), void *opaque);
/* The request is over: cancels what is under way. */
void vt_awaits_clear(VtAwaits *awaits);
void vt_awaits_free(VtAwaits *awaits); /* cleared before; NULL: nothing happens */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VtAwaits, vt_awaits_free)
/* What is executed from here on is that request; NULL: it has been executed. */
void vt_awaits_enter(VtAwaits *awaits);
/* Whether work is under way. */
bool vt_awaits_pending(const VtAwaits *awaits);

/* ---- for who needs the work */

/* Whether a request is executed that can wait.  False at startup, where the caller does the work itself. */
bool vt_await_is_possible(void);
/* The work of that key, which is done; NULL: there is none, or it can't wait.  Borrowed until the request is over. */
void *vt_await_done(const char *key);
/* Begins @work, which it takes, and fails.  vt_await_done() found none of that key, and vt_await_is_possible(). */
bool vt_await(const char *key, const VtWorkOps *ops, void *work, GError **error);
