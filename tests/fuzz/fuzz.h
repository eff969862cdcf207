/* SPDX-License-Identifier: MIT */
/*
 * Fuzzers: what libFuzzer calls, and what fuzz-main.c calls where there is no libFuzzer.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

/* Before the first input; the arguments are libFuzzer's.  A target without preparation has an empty one. */
int LLVMFuzzerInitialize(int *argc, char ***argv);
