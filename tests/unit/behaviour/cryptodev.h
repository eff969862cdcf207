/* SPDX-License-Identifier: MIT */
/*
 * Synchronous cryptographic jobs for tests.
 */
#pragma once

#include "vt-backends/cryptodev.h"

#include "backends.h"

#define TEST_BUILTIN "object cryptodev-backend-builtin,id=c"

typedef struct TestAnswer {
    bool done;
    size_t size;
    char *error; /* owned by the caller */
} TestAnswer;

TestAnswer test_crypto_do(VtCryptoSession *session, const VtCryptoJob *job);
GByteArray *test_from_hex(const char *text);
