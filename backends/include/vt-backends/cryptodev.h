/* SPDX-License-Identifier: MIT */
/*
 * Cryptography done for devices, as they see it: sessions with a key, and jobs in them.  Main thread only.
 */
#pragma once

#include "vt-runtime/object.h"

typedef enum VtCryptoCipher { VT_CRYPTO_AES, VT_CRYPTO_3DES } VtCryptoCipher;
/* XTS is for AES only, and has two keys, one after the other. */
typedef enum VtCryptoMode { VT_CRYPTO_ECB, VT_CRYPTO_CBC, VT_CRYPTO_CTR, VT_CRYPTO_XTS } VtCryptoMode;

/* Raw: a number smaller than the modulus, as long as it.  PKCS #1 (v1.5): text, or a digest of the kind said. */
typedef enum VtCryptoPadding { VT_CRYPTO_RAW, VT_CRYPTO_PKCS1 } VtCryptoPadding;
typedef enum VtCryptoHash { VT_CRYPTO_MD5, VT_CRYPTO_SHA1, VT_CRYPTO_SHA256, VT_CRYPTO_SHA512 } VtCryptoHash;

typedef struct VtCryptoSession VtCryptoSession;

/* NULL and @error: the key does not fit, or the realized object @cryptodev has too many sessions.  Keys are copied. */
VtCryptoSession *vt_cryptodev_open_cipher(VtObject *cryptodev, VtCryptoCipher cipher, VtCryptoMode mode,
                                          const void *key, size_t key_size, GError **error);
/* @key: DER, an RSAPrivateKey or RSAPublicKey of PKCS #1. */
VtCryptoSession *vt_cryptodev_open_rsa(VtObject *cryptodev, bool private, VtCryptoPadding padding, VtCryptoHash hash,
                                       const void *key, size_t key_size, GError **error);
/* Drops jobs that are not done, without a call.  All sessions end before their object does. */
void vt_cryptodev_close(VtCryptoSession *session);

typedef enum VtCryptoOp {
    VT_CRYPTO_ENCRYPT,
    VT_CRYPTO_DECRYPT, /* a private key, where there are two */
    VT_CRYPTO_SIGN,    /* in: the digest; a private key */
    VT_CRYPTO_VERIFY,  /* in: the signature, digest: what it should be of; out: nothing */
} VtCryptoOp;

typedef struct VtCryptoJob {
    VtCryptoOp op;
    const void *iv; /* ciphers, but in the mode ECB: a block; the first counter, or the number of the sector */
    size_t iv_size;
    const void *in;
    size_t in_size;
    void *out; /* may be the same as @in */
    size_t out_size;
    const void *digest;
    size_t digest_size;
} VtCryptoJob;

/* @size: how many bytes there are in out.  @error: NULL, or why it failed. */
typedef void (*VtCryptoFunc)(size_t size, const GError *error, void *opaque);

/* All that @job points to stays until @func is called: by the main loop, never from in here, job after job of all
 * sessions of the object in their order, and as fast as the object's limits permit. */
void vt_cryptodev_submit(VtCryptoSession *session, const VtCryptoJob *job, VtCryptoFunc func, void *opaque);
