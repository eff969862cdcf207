/* SPDX-License-Identifier: MIT */
/*
 * Internals of the engine.  Each file uses only files before it in this list: choose.c (the choice), refresh.c (the
 * tree follows the engine), relay.c (commands of clients), prepare.c (the command line), engine.c (the life of the
 * process), qmp-engine.c (query-engine), contract.c (what both ends of a migration agree on).
 */
#pragma once

#include "vt-engine/argv.h"
#include "vt-engine/engine.h"
#include "vt-engine/link.h"
#include "vt-engine/process.h"
#include "verify.h"

/* A backend that is served when it is realized. */
typedef struct EngineServed {
    char *name;    /* KIND:ID */
    int own, peer; /* ends of its sockets; -1: given away */
} EngineServed;

struct VtEngine {
    const VtProgram *program;
    const VtEngineOptions *options;
    VtService *service; /* NULL: not started */
    char *binary;       /* path; NULL: none */
    VtEngineInfo *info; /* NULL: not read yet */
    VtEngineTerms terms;
    GPtrArray *arguments; /* of the command line; NULL: not made yet */
    GArray *hidden;       /* descriptors of files with secrets for the command line, of int */
    GHashTable *own;      /* names of objects that this program has: KIND:ID */
    GArray *served;       /* of EngineServed: those that it serves to the engine */
    VtEngineProcess *process;
    VtEngineLink *link;
    EngineVerify *verify;      /* NULL: not planned */
    EngineVerifyCounts counts; /* values that were verified */
    VtEngineState state;
    GError *failed; /* why the startup failed; NULL: it did not */
    json_object *greeting;
    bool has_oob; /* the engine runs commands out of band */
    bool paused;
    bool shutdown;          /* the engine has sent SHUTDOWN */
    bool exited;            /* the process has ended */
    bool refuses_migration; /* the contract of the source differs */
    int status;             /* of waitpid() */
    void (*line)(void *opaque, const char *line);
    void *opaque;
    struct VtRelayWork *changing; /* the change of the VM in progress; NULL: none */
    GPtrArray *waiting;           /* of VtAwaited: requests that wait for their turn */
    GPtrArray *deleted;           /* ids of devices that the engine has deleted during a change */
    guint next;                   /* source that lets them run; 0: none */
    unsigned turns;               /* number of the last wait for a turn */
    unsigned n_questions;         /* of refresh.c, without answer */
    GQueue answers;               /* to these, that the tree has not taken over */
    bool following;               /* the tree takes over what the engine has */
};

/* ---- relay.c */

extern const VtRelayOps vt_engine_relay;
extern const VtRunnerOps vt_engine_runner;
/* Lets requests run that wait for their turn, if it is theirs. */
void vt_engine_relay_next(VtEngine *engine);
/* The engine has deleted the device @id. */
void vt_engine_relay_deleted(VtEngine *engine, const char *id);

/* ---- prepare.c */

/* Closes the descriptors of secrets, and those of served backends that the engine has inherited. */
void vt_engine_close_hidden(VtEngine *engine);
void vt_engine_served_clear(void *opaque); /* of EngineServed */
/* Appends the descriptors that the engine inherits to @kept, of int. */
void vt_engine_add_inherited(const VtEngine *engine, GArray *kept);
/* Whether this program has the object. */
bool vt_engine_keeps(const VtEngine *engine, const VtObject *object);
