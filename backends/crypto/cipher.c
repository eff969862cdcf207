/* SPDX-License-Identifier: MIT */
#include "crypto-key.h"

#include "vt-runtime/error.h"

#ifdef CONFIG_NETTLE
#include <string.h>

#include "nettle-library.h"

typedef struct Cipher {
    VtCryptoKey key;
    const struct nettle_cipher *kind;
    VtCryptoMode mode;
    void *encrypt, *decrypt, *tweak; /* contexts; tweak is for XTS only */
} Cipher;

/* Weak keys are accepted: the guest chooses its keys. */
static void
set_3des_key(void *context, const uint8_t *key)
{
    vt_nettle.des3_set_key(context, key);
}

static void
encrypt_3des(const void *context, size_t size, uint8_t *to, const uint8_t *from)
{
    vt_nettle.des3_encrypt(context, size, to, from);
}

static void
decrypt_3des(const void *context, size_t size, uint8_t *to, const uint8_t *from)
{
    vt_nettle.des3_decrypt(context, size, to, from);
}

static const struct nettle_cipher triple_des = {
    .name = "3DES",
    .context_size = sizeof(struct des3_ctx),
    .block_size = DES3_BLOCK_SIZE,
    .key_size = DES3_KEY_SIZE,
    .set_encrypt_key = set_3des_key,
    .set_decrypt_key = set_3des_key,
    .encrypt = encrypt_3des,
    .decrypt = decrypt_3des,
};

static const struct nettle_cipher *
find_kind(VtCryptoCipher cipher, size_t key_size)
{
    switch (key_size) {
    case AES128_KEY_SIZE:
        return cipher == VT_CRYPTO_AES ? vt_nettle.nettle_aes128 : NULL;
    case AES192_KEY_SIZE:
        return cipher == VT_CRYPTO_AES ? vt_nettle.nettle_aes192 : &triple_des;
    case AES256_KEY_SIZE:
        return cipher == VT_CRYPTO_AES ? vt_nettle.nettle_aes256 : NULL;
    default:
        return NULL;
    }
}

static bool
check_job(const Cipher *cipher, const VtCryptoJob *job, GError **error)
{
    size_t block = cipher->kind->block_size, iv_size = cipher->mode == VT_CRYPTO_ECB ? 0 : block;

    if (job->op != VT_CRYPTO_ENCRYPT && job->op != VT_CRYPTO_DECRYPT) {
        return vt_error_set(error, "a cipher cannot sign or verify");
    }
    if (job->iv_size != iv_size) {
        return vt_error_set(error, "the initialization vector has %zu bytes; expected %zu", job->iv_size, iv_size);
    }
    if (job->out_size < job->in_size) {
        return vt_error_set(error, "the output buffer has %zu bytes; expected at least %zu", job->out_size,
                            job->in_size);
    }
    if (cipher->mode == VT_CRYPTO_XTS && job->in_size < block) {
        return vt_error_set(error, "the input has %zu bytes; expected at least a block of %zu", job->in_size, block);
    }
    return cipher->mode == VT_CRYPTO_CTR || cipher->mode == VT_CRYPTO_XTS || job->in_size % block == 0 ||
           vt_error_set(error, "the input has %zu bytes; expected a multiple of the block size %zu", job->in_size,
                        block);
}

static void
transform(const Cipher *cipher, const VtCryptoJob *job, uint8_t *iv)
{
    const struct nettle_cipher *kind = cipher->kind;
    bool encrypt = job->op == VT_CRYPTO_ENCRYPT;

    switch (cipher->mode) {
    case VT_CRYPTO_ECB:
        (encrypt ? kind->encrypt : kind->decrypt)(encrypt ? cipher->encrypt : cipher->decrypt, job->in_size, job->out,
                                                  job->in);
        break;
    case VT_CRYPTO_CBC:
        if (encrypt) {
            vt_nettle.cbc_encrypt(cipher->encrypt, kind->encrypt, kind->block_size, iv, job->in_size, job->out,
                                  job->in);
        } else {
            vt_nettle.cbc_decrypt(cipher->decrypt, kind->decrypt, kind->block_size, iv, job->in_size, job->out,
                                  job->in);
        }
        break;
    case VT_CRYPTO_CTR:
        vt_nettle.ctr_crypt(cipher->encrypt, kind->encrypt, kind->block_size, iv, job->in_size, job->out, job->in);
        break;
    case VT_CRYPTO_XTS:
        if (encrypt) {
            vt_nettle.xts_encrypt_message(cipher->encrypt, cipher->tweak, kind->encrypt, iv, job->in_size, job->out,
                                          job->in);
        } else {
            vt_nettle.xts_decrypt_message(cipher->decrypt, cipher->tweak, kind->decrypt, kind->encrypt, iv,
                                          job->in_size, job->out, job->in);
        }
        break;
    }
}

static bool
run(VtCryptoKey *key, const VtCryptoJob *job, size_t *ret_size, GError **error)
{
    Cipher *cipher = (Cipher *)key;
    uint8_t iv[AES_BLOCK_SIZE];

    if (!check_job(cipher, job, error)) {
        return false;
    }
    if (job->iv_size) {
        memcpy(iv, job->iv, job->iv_size);
    }
    if (job->in_size) {
        transform(cipher, job, iv);
    }
    *ret_size = job->in_size;
    return true;
}

static void
forget(void *context, size_t size)
{
    if (context) {
        explicit_bzero(context, size);
        g_free(context);
    }
}

static void
cipher_free(VtCryptoKey *key)
{
    Cipher *cipher = (Cipher *)key;

    forget(cipher->encrypt, cipher->kind->context_size);
    forget(cipher->decrypt, cipher->kind->context_size);
    forget(cipher->tweak, cipher->kind->context_size);
    g_free(cipher);
}

VtCryptoKey *
vt_cipher_new(VtCryptoCipher name, VtCryptoMode mode, const void *key, size_t size, GError **error)
{
    const struct nettle_cipher *kind = NULL;
    Cipher *cipher;

    if (!vt_nettle_load(error)) {
        return NULL;
    }
    if (mode != VT_CRYPTO_XTS) {
        kind = find_kind(name, size);
    } else if (name == VT_CRYPTO_AES && size % 2 == 0) {
        kind = find_kind(name, size / 2);
    }
    if (!kind) {
        vt_error_set(error, "a key of %zu bytes is invalid for the cipher and mode", size);
        return NULL;
    }
    cipher = g_new(Cipher, 1);
    *cipher = (Cipher){{run, cipher_free}, kind, mode, g_malloc(kind->context_size), g_malloc(kind->context_size)};
    kind->set_encrypt_key(cipher->encrypt, key);
    kind->set_decrypt_key(cipher->decrypt, key);
    if (mode == VT_CRYPTO_XTS) {
        cipher->tweak = g_malloc(kind->context_size);
        kind->set_encrypt_key(cipher->tweak, (const uint8_t *)key + kind->key_size);
    }
    return &cipher->key;
}

bool
vt_cipher_check(GError **error)
{
    return vt_nettle_load(error);
}

#else

VtCryptoKey *
vt_cipher_new(VtCryptoCipher name, VtCryptoMode mode, const void *key, size_t size, GError **error)
{
    (void)name, (void)mode, (void)key, (void)size;
    vt_cipher_check(error);
    return NULL;
}

bool
vt_cipher_check(GError **error)
{
    return vt_error_set(error, "this program was built without nettle, which ciphers require");
}

#endif
