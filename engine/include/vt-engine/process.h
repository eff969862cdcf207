/* SPDX-License-Identifier: MIT */
/*
 * The process of an engine: a child with a private QMP connection.
 *
 * The child ends when this process ends, in any way.  The child gets standard input and output, one end of a
 * socket pair for QMP, and the descriptors that the caller lists; all others are closed.  Main thread only.
 */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

#include <glib.h>

typedef struct VtEngineProcess VtEngineProcess;

typedef struct VtEngineProcessOps {
    /* A line of text that the process wrote, without line end and control characters. */
    void (*line)(void *opaque, const char *line);
    /* The process has ended, and all of its lines were reported.  @status is that of waitpid(). */
    void (*ended)(void *opaque, int status);
} VtEngineProcessOps;

/* A user that a process changes to when it has opened all resources. */
typedef struct VtEngineUser {
    uid_t uid;
    gid_t gid;
} VtEngineUser;

typedef struct VtEngineCommand {
    const char *binary;
    const GPtrArray *arguments; /* without the name and without those of the QMP connection */
    const GArray *kept;         /* of int: descriptors that the process inherits under their numbers */
    const VtEngineUser *user;   /* that the process changes to by itself; NULL: none */
    /* The process uses standard input and output of this one; otherwise standard input is empty and standard output is
     * reported by line. */
    bool terminal;
} VtEngineCommand;

/* Starts the process.  Returns NULL on error. */
VtEngineProcess *vt_engine_process_new(const VtEngineCommand *command, const VtEngineProcessOps *ops, void *opaque,
                                       GError **error);
/* Kills the process if it has not ended, and restores the terminal.  NULL is a no-op. */
void vt_engine_process_free(VtEngineProcess *process);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VtEngineProcess, vt_engine_process_free)
pid_t vt_engine_process_pid(const VtEngineProcess *process);
/* The QMP connection, which the caller then owns. */
int vt_engine_process_steal_qmp(VtEngineProcess *process);
/* Sends a signal, unless the process has ended. */
void vt_engine_process_signal(const VtEngineProcess *process, int number);
/* "status 1" or "signal 9 (Killed)": how a process with this status of waitpid() ended.  The caller frees the text. */
char *vt_engine_end_text(int status);
/* The exit status of a shell for that end: for a signal, 128 and its number. */
int vt_engine_end_status(int status);
