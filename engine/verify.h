/* SPDX-License-Identifier: MIT */
/*
 * Verify: reads the values of all objects back from the engine, in one batch, and compares them with the plan.
 */
#pragma once

#include "vt-engine/link.h"
#include "vt-engine/pin.h"
#include "vt-runtime/vm.h"

typedef struct EngineVerify EngineVerify;

typedef struct EngineVerifyOps {
    /* A value differs.  The text names the object, the property, both values, and where ours comes from. */
    void (*differs)(void *opaque, const char *text);
    void (*done)(void *opaque, unsigned n_compared, unsigned n_differences);
} EngineVerifyOps;

/* Starts to verify the objects of @vm that the engine has.  done() is called once, at once if there is nothing to
 * verify.  Returns NULL and sets @error if the engine lacks an object or property that it should have. */
EngineVerify *engine_verify_new(const VtEngineTerms *terms, const VtVm *vm, VtEngineLink *link,
                                const EngineVerifyOps *ops, void *opaque, GError **error);
/* Call it when the verification is done, or when its connection has ended.  NULL is a no-op. */
void engine_verify_free(EngineVerify *verify);
