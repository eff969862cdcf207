/* SPDX-License-Identifier: MIT */
/*
 * CPU topology: completes and checks it.  Pure functions.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <glib.h>

/* From the outermost level to the innermost. */
typedef enum VtSmpLevel {
    VT_SMP_DRAWERS,
    VT_SMP_BOOKS,
    VT_SMP_SOCKETS,
    VT_SMP_DIES,
    VT_SMP_CLUSTERS,
    VT_SMP_MODULES,
    VT_SMP_CORES,
    VT_SMP_THREADS,
    VT_SMP_N_LEVELS,
} VtSmpLevel;

typedef struct VtSmp {
    uint64_t cpus, max_cpus;          /* 0: not set */
    uint64_t levels[VT_SMP_N_LEVELS]; /* 0: not set */
} VtSmp;

/*
 * Fills in what is not set.  Levels other than sockets, cores and threads become 1.  Of these three, a missing level
 * gets the CPUs divided by the other levels: sockets before cores with @prefer_sockets, else cores before sockets.
 * Reports no error; vt_smp_check() does.
 */
void vt_smp_complete(VtSmp *smp, bool prefer_sockets);

/* Checks a complete topology of machine @machine, which supports up to @limit CPUs. */
bool vt_smp_check(const VtSmp *smp, const char *machine, uint64_t limit, GError **error);
