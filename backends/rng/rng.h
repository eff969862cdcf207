/* SPDX-License-Identifier: MIT */
/*
 * Shared by the classes of entropy sources: pending requests.
 */
#pragma once

#include <sys/types.h>

#include "vt-backends/rng.h"

/* Reads up to @size bytes without blocking; returns how many, or -1 and errno.  @fd belongs to the source. */
typedef ssize_t (*VtRngRead)(int fd, void *data, size_t size);

/* Starts to serve requests.  Takes ownership of @fd, which is polled for input.  -1: @read never blocks. */
void vt_rng_open(VtObject *rng, int fd, VtRngRead read);

/* The same for a source that calls vt_rng_feed().  @asked is called when vt_rng_wanted() may have grown. */
void vt_rng_open_fed(VtObject *rng, void (*asked)(VtObject *rng));
/* Bytes that all requests, or the first request, wait for. */
size_t vt_rng_wanted(VtObject *rng);
size_t vt_rng_wanted_first(VtObject *rng);
/* Completes the first request with up to as many bytes as it waits for.  The callback may free the source. */
void vt_rng_feed(VtObject *rng, const void *data, size_t size);
