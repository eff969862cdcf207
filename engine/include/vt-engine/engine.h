/* SPDX-License-Identifier: MIT */
/*
 * The engine of a program: the choice, and the life of the process that runs the guest.
 *
 * The engine starts with the guest paused.  It is ready when it has accepted every value of the VM; the guest then
 * runs, unless the user wants it paused.  From then on it is the relay of the service (VtService.relay).  When its
 * process ends, the service ends.  Main thread only.
 */
#pragma once

#include "vt-gen/engine.h"
#include "vt-runtime/monitor.h"
#include "vt-runtime/options.h"

typedef struct VtEngine VtEngine;

/* @options: borrowed. */
VtEngine *vt_engine_new(const VtProgram *program, const VtEngineOptions *options);
/* Ends the process.  NULL is a no-op. */
void vt_engine_free(VtEngine *engine);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VtEngine, vt_engine_free)

/* Chooses whether an engine runs the VM, which is planned without default devices.  Returns false on error: the user
 * wants an engine, and the host has none. */
bool vt_engine_choose(VtEngine *engine, const VtVm *vm, bool *ret_chosen, GError **error);

/* Reads what the chosen engine can do, which takes seconds if it is new on this host.  *ret_release: its release, for
 * VtOverrides.release; NULL: the newest. */
bool vt_engine_load(VtEngine *engine, const VtSchema *schema, const char **ret_release, GError **error);
/* Options of this program that concern the engine, too; borrowed. */
typedef struct VtEngineHost {
    const VtMonitorOptions *monitors;
    size_t n_monitors;
} VtEngineHost;

/* Makes the command line of the engine for @vm, which is planned by @line.  This program has the character devices of
 * monitors; a human monitor on a mux is the engine's.  Fails if the engine cannot have a value of the VM. */
bool vt_engine_prepare(VtEngine *engine, VtCommandLine *line, VtVm *vm, const VtEngineHost *host, GError **error);

/* How the service starts the engine. */
typedef struct VtEngineStart {
    const GArray *kept;                           /* descriptors that the command line names, of int */
    const struct VtEngineUser *user;              /* that the engine changes to; NULL: none */
    bool terminal;                                /* the engine uses standard input and output */
    bool paused;                                  /* the guest does not run when the engine is ready */
    void (*line)(void *opaque, const char *line); /* gets each line that the engine prints */
    void *opaque;
} VtEngineStart;

/* Starts the process.  The VM of @service is planned and not realized.  The main loop then completes the startup. */
bool vt_engine_start(VtEngine *engine, VtService *service, const VtEngineStart *start, GError **error);
/* Serves the backends that the schema lets this program have for the engine ('served'). The VM is realized. */
bool vt_engine_serve(VtEngine *engine, GError **error);
/* Returns whether the startup is over. */
bool vt_engine_started(const VtEngine *engine);
/* Fails if the startup has failed. */
bool vt_engine_check(const VtEngine *engine, GError **error);
/* The exit status of the program after the engine has ended: its own, or 128 and the number of the signal. */
int vt_engine_exit_status(const VtEngine *engine);
