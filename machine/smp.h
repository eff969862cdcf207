/* SPDX-License-Identifier: MIT */
/*
 * CPU topology: completing what was said of it, and judging the result.  Pure.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <glib.h>

/* From the outermost level in. */
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
    uint64_t cpus, max_cpus;          /* 0: not said */
    uint64_t levels[VT_SMP_N_LEVELS]; /* 0: not said */
} VtSmp;

/*
 * Fills what was not said.  Levels between sockets, cores and threads count 1; of these three the ones missing take
 * what the others leave of the CPUs: sockets before cores with @prefer_sockets, else cores before sockets.
 * A product that does not come out is left for vt_smp_check() to tell.
 */
void vt_smp_complete(VtSmp *smp, bool prefer_sockets);

/* Judges a complete topology for a machine called @machine that takes up to @limit CPUs. */
bool vt_smp_check(const VtSmp *smp, const char *machine, uint64_t limit, GError **error);
