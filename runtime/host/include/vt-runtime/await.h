/* SPDX-License-Identifier: MIT */
/*
 * Await: work that the main thread does not do itself, because it takes long.
 *
 * A request waits for its work while the program serves other requests.
 *
 * A function that needs slow work (resolving a name, clearing pages) starts the work with vt_await() and fails. It must
 * not have changed anything. When the work is done, the request runs again, and vt_await_done() finds the work by its
 * key.
 *
 * A function that frees what takes long to free (pages of memory) passes it to vt_await_release() and goes on. The
 * request is done, and its reply waits until the work is done.
 *
 * At startup, vt_await_at_startup() waits for the work, and a signal ends the wait. When the program starts or ends,
 * what it releases is a request of its own, which cannot run again.
 *
 * Main thread only, except for VtWorkOps.run.
 */
#pragma once

#include <stdbool.h>

#include <glib.h>

typedef struct VtAwaits VtAwaits; /* the works of one request */

typedef struct VtWorkOps {
    void (*run)(void *work);    /* called in a thread of its own; NULL for vt_await_answer() */
    void (*cancel)(void *work); /* the request is over; run() may still run. NULL: no-op */
    void (*free)(void *work);   /* called on the main thread, after run() or in its place; see vt_await_at_startup() */
    bool binds;                 /* the request must run again, also if its client is gone */
} VtWorkOps;

/* ---- functions for the code that runs requests */

/* Creates the works of one request. Calls @done when the last work is done; the caller then runs the request again, or
 * sends the reply that waited. If @done is NULL, only releases are possible. */
VtAwaits *vt_awaits_new(void (*done)(void *opaque), void *opaque);
/* Ends the request: cancels pending works, and releases the results. */
void vt_awaits_clear(VtAwaits *awaits);
void vt_awaits_free(VtAwaits *awaits); /* NULL is a no-op */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VtAwaits, vt_awaits_free)
/* Sets the current request. Call it with @awaits before the request runs, and with NULL after. */
void vt_awaits_enter(VtAwaits *awaits);
/* Returns whether a work of vt_await() is pending: the request must run again. */
bool vt_awaits_pending(const VtAwaits *awaits);
/* Returns whether a pending work binds: VtWorkOps.binds. */
bool vt_awaits_binds(const VtAwaits *awaits);
/* Replaces the parameters of vt_awaits_new(). */
void vt_awaits_pass(VtAwaits *awaits, void (*done)(void *opaque), void *opaque);
/* Returns whether a work of vt_await_release() is pending: the reply must wait. */
bool vt_awaits_releasing(const VtAwaits *awaits);

/* ---- functions for the code that needs the work */

/* Returns whether a current request can wait. At startup it returns false, and the caller does the work itself. */
bool vt_await_is_possible(void);
/* Returns the work that was started for @key, if it is done, else NULL. Borrowed until the request is over. */
void *vt_await_done(const char *key);
/* Starts @work in a thread and takes ownership of it, also if the thread cannot be created. Always returns false with
 * @error. Requires that vt_await_is_possible() returns true and vt_await_done() returns NULL for @key. */
bool vt_await(const char *key, const VtWorkOps *ops, void *work, GError **error);
/* As vt_await(), for work that another process does: without a thread. The caller calls vt_await_answered() once, with
 * *ret_answer, when the work is done; the request then runs again at once. */
typedef struct VtAwaited VtAwaited;
bool vt_await_answer(const char *key, const VtWorkOps *ops, void *work, VtAwaited **ret_answer, GError **error);
void vt_await_answered(VtAwaited *answer);
/* Runs @work in a thread and waits for it. Returns false with errno if a signal arrives first: run() continues, and the
 * thread then frees @work. Otherwise, the caller keeps @work. Without a thread, it runs at once. */
bool vt_await_at_startup(const VtWorkOps *ops, void *work);
/* Frees @data in a thread: calls run() there, then free() on the main thread, also if the request ends before.  Does
 * both at once if no request runs, or if the thread cannot be created. */
void vt_await_release(const VtWorkOps *ops, void *data);
