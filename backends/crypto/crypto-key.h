/* SPDX-License-Identifier: MIT */
/*
 * Keys that jobs are done with, by the program itself.
 */
#pragma once

#include "vt-backends/cryptodev.h"

typedef struct VtCryptoKey VtCryptoKey;

struct VtCryptoKey {
    /* *ret_size: how many bytes were put out. */
    bool (*run)(VtCryptoKey *key, const VtCryptoJob *job, size_t *ret_size, GError **error);
    void (*free)(VtCryptoKey *key);
};

VtCryptoKey *vt_cipher_new(VtCryptoCipher name, VtCryptoMode mode, const void *key, size_t size, GError **error);
VtCryptoKey *vt_rsa_new(bool private, VtCryptoPadding padding, VtCryptoHash hash, const void *key, size_t size,
                        GError **error);
/* Whether there is any; a program may be built without. */
bool vt_cipher_check(GError **error);
bool vt_rsa_has(void);
