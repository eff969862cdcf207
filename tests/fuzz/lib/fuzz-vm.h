/* SPDX-License-Identifier: MIT */
/*
 * VMs of the project's programs, one per input.
 */
#pragma once

#include "vt-runtime/options.h"

typedef struct FuzzVm {
    const VtProgram *program;
    VtCommandLine *line;
    GStrv words; /* the arguments; @line may overwrite them */
    VtVm *vm;    /* planned */
} FuzzVm;

/* The schema of @program, created once. */
const VtSchema *fuzz_schema(const VtProgram *program);

/* The words of an input, which NUL or newline separates. */
GStrv fuzz_words(const uint8_t *bytes, size_t len);

/* Creates a VM from valid command line arguments, NULL-terminated. */
void fuzz_vm_init(FuzzVm *self, const VtProgram *program, const char *const *words);
/* Creates a VM from valid arguments and realizes its objects. */
void fuzz_vm_start(FuzzVm *self);
void fuzz_vm_clear(FuzzVm *self);

/* Plans a command line or configuration file that may be invalid (NULL: see @error), and runs all queries on it. Checks
 * that it fails exactly if it sets an error. */
void fuzz_plan(VtCommandLine *line, GError **error);
void fuzz_check_error(const GError *error);
/* Iterates the main loop up to @rounds times. */
void fuzz_settle(unsigned rounds);
