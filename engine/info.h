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

/* ---- cache.c */

/* The file with @suffix in the cache for the binary at @path. The caller frees it. */
char *engine_cache_file(const char *path, const char *suffix);
/* Without a cache each start finds out anew, so a failure is no error. */
void engine_cache_store(const char *file, const char *data, size_t size);

/* ---- info.c */

/* engine_identity() of the binary. */
const char *engine_info_identity(const VtEngineInfo *info);
