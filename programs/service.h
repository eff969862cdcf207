/* SPDX-License-Identifier: MIT */
/*
 * A program that serves clients: it plans and realizes the VM of its command line, and runs until it is terminated.
 */
#pragma once

#include "vt-gen/runtime.h"
#include "vt-runtime/options.h"

/* Process options of the program; strings are borrowed. */
typedef struct ServiceOptions {
    const char *name;    /* of the VM, or NULL */
    const char *uuid;    /* of the VM, or NULL */
    const char *process; /* process name, or NULL */
    const VtQmpServer *qmp;
    size_t n_qmp;
    const VtMonitorOptions *mon;
    size_t n_mon;
    const VtSandboxOptions *sandbox;
    VtSandboxProfile profile; /* the meaning of profile=auto */
    const VtRunWithOptions *run_with;
    const VtFdSetOptions *add_fd;
    size_t n_add_fd;
    const VtCompatPolicy *compat;
    const char *pidfile;     /* may be NULL */
    uint16_t pidfile_mode;   /* permissions of a new pidfile; 0: absent */
    bool closes_descriptors; /* closes inherited descriptors that the command line does not name, also without
                              * -daemonize */
    const struct VtEngineOptions *engine; /* with ServiceProgram.engine */
    bool daemonize, paused, preconfig, pinned, version;
    bool timestamp, guest_name; /* prefixes of messages */
    bool lock_memory;
    bool reset_ends, shutdown_pauses; /* actions of reset and shutdown */
} ServiceOptions;

typedef struct ServiceEngineOps ServiceEngineOps; /* service-engine.h */

typedef struct ServiceProgram {
    const VtProgram *program;
    const ServiceEngineOps *engine; /* NULL: the program has no engine */
    bool reloads;                   /* SIGHUP makes it read its configuration files again */
    /* @options: the program's generated options struct. */
    void (*read)(const void *options, ServiceOptions *ret);
    /* Called before the VM starts, if no engine runs it.  NULL: nothing to do. */
    void (*without_engine)(VtVm *vm);
} ServiceProgram;

/* A link with this and the name of a target to the program has that target. */
#define SERVICE_LINK_PREFIX "qemu-system-"

/* Implements main(); returns the exit status. */
int service_main(const ServiceProgram *self, int argc, char **argv);
