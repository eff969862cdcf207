/* SPDX-License-Identifier: MIT */
/*
 * Proven values: those that an engine had by itself when an earlier start read them.
 *
 * A key stands for the values of one object that the command line does not state, and for everything that they follow
 * from: the binary, the kernel of the host, the accelerators, the machine, and what is stated for the object.  The keys
 * of a binary are in a file of the cache.  A damaged file has fewer keys, so that more values are read.
 */
#pragma once

#include <stdbool.h>

#include "vt-engine/info.h"

typedef struct EngineProven EngineProven;

EngineProven *engine_proven_new(const VtEngineInfo *info);
void engine_proven_free(EngineProven *proven); /* NULL is a no-op */
/* Whether @key, lines of text, was added by an earlier start. */
bool engine_proven_has(const EngineProven *proven, const char *key);
void engine_proven_add(EngineProven *proven, const char *key);
/* Writes the keys that were added.  Without a cache the next start reads all values, so a failure is no error. */
void engine_proven_store(EngineProven *proven);
