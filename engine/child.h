/* SPDX-License-Identifier: MIT */
/*
 * A child that runs the binary of an engine, with a private connection for QMP.
 *
 * The kernel ends the child when this process ends, in any way; a guard does so where the child changes its user.  The
 * child has one end of a socket pair for QMP and the descriptors of the launch; all others are closed.  Main thread
 * only.
 */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

#include <glib.h>

#include "vt-engine/process.h"

typedef struct EngineChild EngineChild;

typedef struct EngineLaunch {
    const char *binary;
    const char *const *arguments; /* without its name and without those of the connection; NULL-terminated */
    const GArray *kept;           /* of int: descriptors that it inherits; NULL: none */
    const VtEngineUser *user;     /* that it changes to; NULL: it does not */
    int text;                     /* gets what it writes on standard error and output */
    bool terminal;                /* it uses standard input and output of this process, in place of none and @text */
} EngineLaunch;

/* Returns NULL and sets @error if it cannot be executed. */
EngineChild *engine_child_new(const EngineLaunch *launch, GError **error);
void engine_child_free(EngineChild *child); /* ends it, and waits for that; NULL is a no-op */
pid_t engine_child_pid(const EngineChild *child);
int engine_child_pidfd(const EngineChild *child); /* borrowed */
/* Our end of its connection, owned by the caller. */
int engine_child_steal_monitor(EngineChild *child);
void engine_child_signal(const EngineChild *child, int number);
/* Waits for its end.  Returns the status of waitpid(). */
int engine_child_wait(EngineChild *child);

/* ---- guard.c */

/* Starts a process that kills the one of @pidfd when this process ends, also after that one has changed to @user: the
 * kernel then no longer does.  It ends when that one ends.  Returns its number; -1 and errno: it cannot be started. */
pid_t engine_guard_start(int pidfd, const VtEngineUser *user);
