/* SPDX-License-Identifier: MIT */
/*
 * x86 CPUs: the words of CPUID feature bits, and the levels of the topology.
 */
#pragma once

#include "vt-runtime/context.h"
#include "vt-runtime/object.h"

typedef struct X86Word {
    uint32_t eax;
    int ecx; /* -1: the leaf has no subleaf */
    const char *cpuid_register;
    const char *bits[32]; /* names of members; NULL: no member for the bit */
} X86Word;

extern const X86Word x86_words[];
extern const size_t x86_n_words;
/* Features that are bits of MSRs, which TCG lacks.  The list ends with NULL. */
extern const char *const x86_msr_features[];

/* A level of the topology, from the largest part. */
typedef struct X86Level {
    const char *member, *count; /* of the processor, and of the machine's topology */
    bool needed;                /* also where there is only one */
} X86Level;

#define X86_APIC_ID_AUTOMATIC UINT32_MAX /* the machine assigns it */
#define X86_N_LEVELS          5
extern const X86Level x86_levels[X86_N_LEVELS];

typedef struct X86Topology {
    int64_t cpus; /* at startup */
    int64_t counts[X86_N_LEVELS];
} X86Topology;

/* That of the machine of @cpu; 1 of each without a machine. */
void x86_topology(const VtObject *cpu, X86Topology *ret);
/* The ID of the CPU at a level; -1: it is not set. */
int32_t x86_id(const VtObject *cpu, size_t level);
/* Settles IDs that are not set by @apic_id, and the APIC ID by the IDs. */
void x86_settle_topology(VtObject *cpu, uint32_t apic_id);
/* Settles what depends on the accelerator and on other members: features, CPUID levels, address bits, microcode
 * revision and topology IDs. */
void x86_settle(VtObject *cpu);
/* The same for TCG, whatever the accelerator is. */
void x86_settle_emulated(VtObject *cpu);
/* Checks a processor that is a device of the user: its type and its place. */
bool x86_check_plug(VtObject *cpu, GError **error);
/* The names of features that a model has by default and TCG does not emulate, in the order of QEMU; freed by
 * g_array_unref(). */
GArray *x86_not_emulated(VtContext *ctx, const VtClassInfo *model);
