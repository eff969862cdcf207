/* SPDX-License-Identifier: MIT */
/*
 * Fuzzers: what libFuzzer calls, and what ours do without it: replay the files named on the command line, or mutate
 * their seeds for a bounded number of rounds.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

/* Texts to begin with; NULL-terminated. */
extern const char *const fuzz_seeds[];
