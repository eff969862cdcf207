/* SPDX-License-Identifier: MIT */
/*
 * Verify: reads the values of all objects back from the engine, in one batch, and compares them with the plan.
 *
 * A value that the command line does not state follows from the binary and from what is stated.  It is read once for
 * each binary and statement (proven.h), if 'info qtree' does not show it.
 */
#pragma once

#include "vt-engine/link.h"
#include "vt-engine/pin.h"
#include "vt-runtime/vm.h"

typedef struct EngineVerify EngineVerify;

typedef struct EngineVerifyCounts {
    unsigned compared; /* values that were read and compared */
    unsigned proven;   /* values that an earlier start has read */
    unsigned different;
} EngineVerifyCounts;

typedef struct EngineVerifyOps {
    /* A value differs.  The text names the object, the property, both values, and where ours comes from. */
    void (*differs)(void *opaque, const char *text);
    void (*done)(void *opaque, EngineVerifyCounts counts);
} EngineVerifyOps;

/* Plans the verification of the objects of @vm that the engine has.  @greeting: of the engine, as JSON.  Returns NULL
 * and sets @error if the engine lacks an object or property that it should have. */
EngineVerify *engine_verify_new(const VtEngineTerms *terms, const VtVm *vm, json_object *greeting, VtEngineLink *link,
                                const EngineVerifyOps *ops, void *opaque, GError **error);
/* Sends the first question.  done() is called once, when all questions are answered. */
void engine_verify_begin(EngineVerify *verify);
/* Call it when the verification is done, or when its connection has ended.  NULL is a no-op. */
void engine_verify_free(EngineVerify *verify);
