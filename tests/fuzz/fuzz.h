/* SPDX-License-Identifier: MIT */
/*
 * Fuzz targets: called by libFuzzer, or by fuzz-main.c in a build without libFuzzer.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

/* Called before the first input, with libFuzzer's arguments.  Empty for a target that needs no preparation. */
int LLVMFuzzerInitialize(int *argc, char ***argv);
