/* SPDX-License-Identifier: MIT */
/*
 * Sources of random bytes, as their users see them.
 */
#pragma once

#include "vt-runtime/object.h"

typedef struct VtRngRequest VtRngRequest;

/* @data has @size bytes, which is at least one and may be fewer than were asked for.  When the source failed, @data is
 * NULL and @error says why.  The request is gone after this. */
typedef void (*VtRngFunc)(const void *data, size_t size, const GError *error, void *opaque);

/*
 * Asks the realized source @rng for up to @size bytes, at least one.  Never waits: @func is called by the main loop,
 * never from in here, request after request in their order.  A request that is neither answered nor cancelled when the
 * source is unrealized is dropped without a call.
 */
VtRngRequest *vt_rng_request(VtObject *rng, size_t size, VtRngFunc func, void *opaque);
/* Takes back a request that was not answered yet. */
void vt_rng_cancel(VtRngRequest *request);
