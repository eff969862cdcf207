/* SPDX-License-Identifier: MIT */
/*
 * Cryptography backends for devices: sessions with a key, and jobs in sessions.  Main thread only.
 */
#pragma once

#include "vt-runtime/object.h"

typedef enum VtCryptoCipher { VT_CRYPTO_AES, VT_CRYPTO_3DES } VtCryptoCipher;
/* XTS requires AES.  Its key consists of two keys. */
typedef enum VtCryptoMode { VT_CRYPTO_ECB, VT_CRYPTO_CBC, VT_CRYPTO_CTR, VT_CRYPTO_XTS } VtCryptoMode;

/* Raw: a number of the size of the modulus, and smaller than it.  PKCS #1 v1.5: a message, or a digest of the given
 * hash. */
typedef enum VtCryptoPadding { VT_CRYPTO_RAW, VT_CRYPTO_PKCS1 } VtCryptoPadding;
typedef enum VtCryptoHash { VT_CRYPTO_MD5, VT_CRYPTO_SHA1, VT_CRYPTO_SHA256, VT_CRYPTO_SHA512 } VtCryptoHash;

typedef struct VtCryptoSession VtCryptoSession;

/* Opens a session of the realized object @cryptodev.  Copies the key.  Fails if the key is invalid, or if there are too
 * many sessions. */
VtCryptoSession *vt_cryptodev_open_cipher(VtObject *cryptodev, VtCryptoCipher cipher, VtCryptoMode mode,
                                          const void *key, size_t key_size, GError **error);
/* @key: DER, an RSAPrivateKey or RSAPublicKey of PKCS #1. */
VtCryptoSession *vt_cryptodev_open_rsa(VtObject *cryptodev, bool private, VtCryptoPadding padding, VtCryptoHash hash,
                                       const void *key, size_t key_size, GError **error);
/* Drops the remaining jobs without a callback.  Close all sessions before the object is unrealized. */
void vt_cryptodev_close(VtCryptoSession *session);

typedef enum VtCryptoOp {
    VT_CRYPTO_ENCRYPT,
    VT_CRYPTO_DECRYPT, /* needs a private key if the cipher is asymmetric */
    VT_CRYPTO_SIGN,    /* in: the digest; needs a private key */
    VT_CRYPTO_VERIFY,  /* in: the signature; digest: the digest to verify; out: unused */
} VtCryptoOp;

typedef struct VtCryptoJob {
    VtCryptoOp op;
    const void *iv; /* of a cipher, except in ECB mode: one block; CTR: the first counter; XTS: the sector number */
    size_t iv_size;
    const void *in;
    size_t in_size;
    void *out; /* may be the same as @in */
    size_t out_size;
    const void *digest;
    size_t digest_size;
} VtCryptoJob;

/* @size: bytes of output.  @error: NULL on success. */
typedef void (*VtCryptoFunc)(size_t size, const GError *error, void *opaque);

/* Queues a job.  Everything that @job points to must stay valid until the main loop calls @func, which never happens
 * inside this call.  The jobs of all sessions of an object run in order, within the limits of the object. */
void vt_cryptodev_submit(VtCryptoSession *session, const VtCryptoJob *job, VtCryptoFunc func, void *opaque);
