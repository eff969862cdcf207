/* SPDX-License-Identifier: MIT */
/*
 * What the kinds of sources of random bytes share: the requests that wait.
 */
#pragma once

#include <sys/types.h>

#include "vt-backends/rng.h"

/* Reads up to @size bytes without waiting: how many, or -1 with errno set.  @fd is the source's. */
typedef ssize_t (*VtRngRead)(int fd, void *data, size_t size);

/* Requests are served from here on.  @fd: read once there is something to read; taken.  -1: @read never waits. */
void vt_rng_open(VtObject *rng, int fd, VtRngRead read);

/* The same for a source whose bytes come by themselves: @asked is told when vt_rng_wanted() may have grown. */
void vt_rng_open_fed(VtObject *rng, void (*asked)(VtObject *rng));
/* How many bytes the requests wait for: all of them, and the first. */
size_t vt_rng_wanted(VtObject *rng);
size_t vt_rng_wanted_first(VtObject *rng);
/* Bytes for the first request, no more than it waits for.  The source may be gone afterwards. */
void vt_rng_feed(VtObject *rng, const void *data, size_t size);
