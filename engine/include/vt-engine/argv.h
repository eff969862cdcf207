/* SPDX-License-Identifier: MIT */
/*
 * Argv: the command line of an engine for a resolved VM.
 *
 * It is made from the tree, not from the text of the user: expansions and default devices are objects here, so the
 * engine gets none of its own. Objects follow those that they refer to. Each keeps its id.
 */
#pragma once

#include <stdbool.h>

#include <glib.h>
#include <json-c/json_types.h>

#include "vt-engine/pin.h"
#include "vt-runtime/options.h"

/* A value that is stated although the user did not set it. */
typedef struct VtEngineNote {
    char *member, *value;
    VtEngineReason reason;
    char *from; /* "machine 5.2: REASON", or "derived"; may be NULL */
} VtEngineNote;

typedef struct VtEngineArgument {
    char *option;  /* with its dash */
    char *text;    /* its value; NULL: none */
    GArray *notes; /* of VtEngineNote */
} VtEngineArgument;

typedef struct VtEngineArgvRules {
    bool alone; /* the engine runs without our program: with monitors, -S, -daemonize and others of their kind */
    /* Whether our program has @object itself, so that the engine does not get it; NULL: it has none. */
    bool (*keeps)(const VtObject *object, void *opaque);
    /* The path by which the engine reads @text, a secret that must not be in the list of processes: the caller frees
     * it. NULL: the engine gets the text. */
    char *(*hide)(const char *text, void *opaque, GError **error);
    /* Serves @object, which this process has for the engine: returns the number of the descriptor by which the engine
     * is connected to it. The caller frees it. NULL: there is no process to serve it. */
    char *(*serve)(const VtObject *object, void *opaque, GError **error);
    void *opaque;
} VtEngineArgvRules;

/* Returns an array of VtEngineArgument, without the binary; the caller frees it. @vm is planned by @line. Fails if the
 * engine cannot have a value of the VM. */
GArray *vt_engine_argv(VtCommandLine *line, VtVm *vm, const VtEngineTerms *terms, const VtEngineArgvRules *rules,
                       GError **error);
/* The words of the command line, NULL-terminated, with the binary first; the caller frees them. */
char **vt_engine_argv_words(const VtEngineTerms *terms, const GArray *arguments);
