/* SPDX-License-Identifier: MIT */
/*
 * VMs of the product's own programs, for one input each.
 */
#pragma once

#include "vt-runtime/options.h"

typedef struct FuzzVm {
    const VtProgram *program;
    VtCommandLine *line;
    VtVm *vm; /* planned */
} FuzzVm;

/* The schema of @program: made once. */
const VtSchema *fuzz_schema(const VtProgram *program);

/* By the words of a command line, NULL-terminated, which must be good. */
void fuzz_vm_init(FuzzVm *self, const VtProgram *program, const char *const *words);
/* Realizes the words' objects, which must be good. */
void fuzz_vm_start(FuzzVm *self);
void fuzz_vm_clear(FuzzVm *self);

/* Plans a command line or a configuration file that may be wrong (NULL: @error says why), asks for all that can be said
 * of it, and checks that exactly a failure has an error. */
void fuzz_plan(VtCommandLine *line, GError **error);
void fuzz_check_error(const GError *error);
/* Runs what is ready in the main loop, for @rounds rounds at most. */
void fuzz_settle(unsigned rounds);
