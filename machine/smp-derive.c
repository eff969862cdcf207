/* SPDX-License-Identifier: MIT */
/*
 * Derived members of the CPU topology: each function completes the topology and returns one member.
 */
#include "smp.h"

#include "vt-gen/machine.h"

#define INPUTS                                                                                                         \
    int64_t given_cpus, int64_t drawers, int64_t books, int64_t given_sockets, int64_t dies, int64_t clusters,         \
        int64_t modules, int64_t given_cores, int64_t given_threads, int64_t given_maxcpus, bool smp_prefer_sockets
#define PASSED                                                                                                         \
    given_cpus, drawers, books, given_sockets, dies, clusters, modules, given_cores, given_threads, given_maxcpus,     \
        smp_prefer_sockets

/* Treats a value below 1 as not set; vt_machine_check() rejects it. */
static uint64_t
said(int64_t number)
{
    return number > 0 ? (uint64_t)number : 0;
}

static VtSmp
complete(INPUTS)
{
    VtSmp smp = {.cpus = said(given_cpus), .max_cpus = said(given_maxcpus)};

    smp.levels[VT_SMP_DRAWERS] = said(drawers);
    smp.levels[VT_SMP_BOOKS] = said(books);
    smp.levels[VT_SMP_SOCKETS] = said(given_sockets);
    smp.levels[VT_SMP_DIES] = said(dies);
    smp.levels[VT_SMP_CLUSTERS] = said(clusters);
    smp.levels[VT_SMP_MODULES] = said(modules);
    smp.levels[VT_SMP_CORES] = said(given_cores);
    smp.levels[VT_SMP_THREADS] = said(given_threads);
    vt_smp_complete(&smp, smp_prefer_sockets);
    return smp;
}

int64_t
vt_derive_smp_cpus(INPUTS)
{
    return (int64_t)complete(PASSED).cpus;
}

int64_t
vt_derive_smp_maxcpus(INPUTS)
{
    return (int64_t)complete(PASSED).max_cpus;
}

int64_t
vt_derive_smp_sockets(INPUTS)
{
    return (int64_t)complete(PASSED).levels[VT_SMP_SOCKETS];
}

int64_t
vt_derive_smp_cores(INPUTS)
{
    return (int64_t)complete(PASSED).levels[VT_SMP_CORES];
}

int64_t
vt_derive_smp_threads(INPUTS)
{
    return (int64_t)complete(PASSED).levels[VT_SMP_THREADS];
}
