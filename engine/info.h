/* SPDX-License-Identifier: MIT */
#pragma once

#include "vt-engine/info.h"

struct VtEngineInfo {
    char *binary;
    const char *block; /* begins with an InfoHead */
    size_t size;
    GByteArray *own;     /* has @block; NULL: it is of a file */
    GMappedFile *mapped; /* has @block; NULL: it is of a probe */
};

/*
 * Runs @binary and returns what it can do as a block, which starts with an InfoHead that has @identity. Returns NULL
 * and sets @error if it is no engine.
 */
GByteArray *vt_engine_probe(const char *binary, const char *identity, GError **error);
