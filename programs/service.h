/* SPDX-License-Identifier: MIT */
/*
 * A program that serves clients: what its command line describes is planned, realized and looked after until somebody
 * ends it.
 */
#pragma once

#include "vt-gen/runtime.h"
#include "vt-runtime/options.h"

/* What the program's options say of the process; strings are borrowed from them. */
typedef struct ServiceOptions {
    const char *name;    /* of the virtual machine, or NULL */
    const char *uuid;    /* the same */
    const char *process; /* what the host's list of processes shows, or NULL */
    char *const *qmp;
    size_t n_qmp;
    const VtMonitorOptions *mon;
    size_t n_mon;
    const VtSandboxOptions *sandbox;
    VtSandboxProfile profile; /* that profile=auto stands for */
    const VtRunWithOptions *run_with;
    const char *pidfile;     /* or NULL */
    bool closes_descriptors; /* that it inherits and nobody names, also where it is no daemon */
    bool daemonize, paused, pinned, version;
    bool timestamp, guest_name; /* what messages begin with */
    bool lock_memory;
    bool reset_ends, shutdown_pauses; /* what a reset, and a shutdown, lead to */
} ServiceOptions;

typedef struct ServiceProgram {
    const VtProgram *program;
    const char *default_machine; /* or NULL */
    /* @options: the program's generated options struct. */
    void (*read)(const void *options, ServiceOptions *ret);
} ServiceProgram;

/* The whole of main(); returns the exit status. */
int service_main(const ServiceProgram *self, int argc, char **argv);
