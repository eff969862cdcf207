/* SPDX-License-Identifier: MIT */
/*
 * Host: what an input can reach of it.
 *
 * The process gets namespaces of its own: no network, every mount read-only and without devices, and an empty scratch
 * directory as the current one.  A seccomp filter denies new processes, large mappings, and closing what was open
 * before.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* Once, before other threads run.  The directory $VINTAGE_FUZZ_DIR stays writable.  Where the kernel refuses, the
 * process exits with status 77. */
void fuzz_host_enter(void);

/* Empties the scratch directory and puts in it the files that inputs can name: "disk", "secret", "list", "keys.psk". */
void fuzz_host_reset(void);
/* Writes a file of the scratch directory. */
void fuzz_host_write(const char *name, const void *bytes, size_t len);
/* Asserts that no descriptor was left open: the lowest free one is the same as after fuzz_host_enter(). */
void fuzz_host_check(void);
