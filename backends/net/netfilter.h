/* SPDX-License-Identifier: MIT */
/*
 * What all filters share.
 */
#pragma once

#include "vt-backends/net.h"

VtNetFilter *vt_netfilter_get(VtObject *object);
/* For a filter's own class, in its realize: from here on it sees frames, while it is on. */
void vt_netfilter_open(VtObject *object, void (*see)(void *opaque, const struct iovec *iov, size_t n), void *opaque);
