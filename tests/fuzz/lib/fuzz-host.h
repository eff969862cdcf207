/* SPDX-License-Identifier: MIT */
/*
 * Limits what an input can access on the host.
 *
 * The process enters new namespaces: no network, all mounts read-only and without devices, and an empty scratch
 * directory as the working directory.  A seccomp filter denies new processes, large mappings, and closing earlier
 * descriptors.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* Call once, before threads start.  The directory $VINTAGE_FUZZ_DIR stays writable.  If the kernel refuses, the process
 * exits with status 77. */
void fuzz_host_enter(void);

/* Empties the scratch directory and creates the files that inputs can name: "disk", "secret", "list", "keys.psk". */
void fuzz_host_reset(void);
/* Writes a file in the scratch directory. */
void fuzz_host_write(const char *name, const void *bytes, size_t len);
/* Asserts that no descriptor leaked: the lowest free one is the same as after fuzz_host_enter(). */
void fuzz_host_check(void);
