/* SPDX-License-Identifier: MIT */
/*
 * Shared by the classes of filters.
 */
#pragma once

#include "vt-backends/net.h"

VtNetFilter *vt_netfilter_get(VtObject *object);
/* For the class of a filter, in realize: the filter observes frames from now on, while it is enabled. */
void vt_netfilter_open(VtObject *object, void (*see)(void *opaque, const struct iovec *iov, size_t n), void *opaque);
