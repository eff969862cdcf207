/* SPDX-License-Identifier: MIT */
/*
 * Entropy sources, for their users.
 */
#pragma once

#include "vt-runtime/object.h"

typedef struct VtRngRequest VtRngRequest;

/* Completes a request, which is freed afterwards.  @size is at least 1 and at most the size requested.  If the source
 * failed, @data is NULL and @error has the reason. */
typedef void (*VtRngFunc)(const void *data, size_t size, const GError *error, void *opaque);

/*
 * Requests up to @size bytes from the realized source @rng.  Never blocks: the main loop calls @func later, in the
 * order of the requests.  Unrealizing the source drops pending requests without a callback.
 */
VtRngRequest *vt_rng_request(VtObject *rng, size_t size, VtRngFunc func, void *opaque);
/* Cancels a pending request. */
void vt_rng_cancel(VtRngRequest *request);
