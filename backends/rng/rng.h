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
