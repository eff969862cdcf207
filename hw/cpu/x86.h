/* SPDX-License-Identifier: MIT */
/*
 * x86 CPUs: the words of CPUID feature bits.
 */
#pragma once

#include "vt-runtime/object.h"

typedef struct X86Word {
    uint32_t eax;
    int ecx; /* -1: the leaf has no subleaf */
    const char *cpuid_register;
    const char *bits[32]; /* names of members; NULL: no member for the bit */
} X86Word;

extern const X86Word x86_words[];
extern const size_t x86_n_words;

/* Settles what depends on the accelerator and on other members: features, CPUID levels, address bits, microcode
 * revision and topology IDs. */
void x86_settle(VtObject *cpu);
/* Checks a processor that is a device of the user: its type and its place. */
bool x86_check_plug(VtObject *cpu, GError **error);
