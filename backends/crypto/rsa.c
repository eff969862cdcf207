/* SPDX-License-Identifier: MIT */
/*
 * RSA by nettle's public key library, which is loaded with the first RSA key.
 */
#include "crypto-key.h"

#include "vt-runtime/error.h"

#ifdef CONFIG_HOGWEED
#include <errno.h>
#include <string.h>
#include <sys/random.h>

#include <nettle/bignum.h>
#include <nettle/rsa.h>
#include <nettle/yarrow.h>

#include "vt-runtime/library.h"

#define KEY_BITS 16384 /* maximum; the guest chooses the size, and larger keys take too long */

/* libhogweed depends on libgmp and libnettle: the functions of all three are loaded. */
#define FUNCTIONS(F)                                                                                                   \
    F(__gmpz_clear)                                                                                                    \
    F(__gmpz_cmp)                                                                                                      \
    F(__gmpz_init)                                                                                                     \
    F(__gmpz_powm)                                                                                                     \
    F(nettle_mpz_get_str_256)                                                                                          \
    F(nettle_mpz_init_set_str_256_u)                                                                                   \
    F(nettle_rsa_compute_root_tr)                                                                                      \
    F(nettle_rsa_decrypt_tr)                                                                                           \
    F(nettle_rsa_encrypt)                                                                                              \
    F(nettle_rsa_keypair_from_der)                                                                                     \
    F(nettle_rsa_md5_sign_digest_tr)                                                                                   \
    F(nettle_rsa_md5_verify_digest)                                                                                    \
    F(nettle_rsa_private_key_clear)                                                                                    \
    F(nettle_rsa_private_key_init)                                                                                     \
    F(nettle_rsa_public_key_clear)                                                                                     \
    F(nettle_rsa_public_key_init)                                                                                      \
    F(nettle_rsa_sha1_sign_digest_tr)                                                                                  \
    F(nettle_rsa_sha1_verify_digest)                                                                                   \
    F(nettle_rsa_sha256_sign_digest_tr)                                                                                \
    F(nettle_rsa_sha256_verify_digest)                                                                                 \
    F(nettle_rsa_sha512_sign_digest_tr)                                                                                \
    F(nettle_rsa_sha512_verify_digest)                                                                                 \
    F(nettle_yarrow256_init)                                                                                           \
    F(nettle_yarrow256_random)                                                                                         \
    F(nettle_yarrow256_seed)

static struct {
    FUNCTIONS(VT_LIBRARY_POINTER)
} hogweed;

VT_LIBRARY(library, VT_SONAME_HOGWEED, FUNCTIONS(VT_LIBRARY_NAME), hogweed);

typedef struct Rsa {
    VtCryptoKey key;
    VtCryptoPadding padding;
    VtCryptoHash hash;
    bool private;
    struct rsa_public_key pub;
    struct rsa_private_key priv;
    struct yarrow256_ctx *random; /* seeded */
} Rsa;

/* Index: VtCryptoHash. */
static const size_t digest_sizes[] = {16, 20, 32, 64};

/* Seeds the generator of @rsa.  It never waits: a host that has no random bytes yet is an error. */
static bool
seed(Rsa *rsa, GError **error)
{
    uint8_t bytes[YARROW256_SEED_FILE_SIZE];
    ssize_t size;

    do {
        size = getrandom(bytes, sizeof bytes, GRND_NONBLOCK);
    } while (size < 0 && errno == EINTR);
    if (size != (ssize_t)sizeof bytes) {
        return vt_error_set(error, "the host has no random bytes: %s", g_strerror(size < 0 ? errno : EIO));
    }
    rsa->random = g_new(struct yarrow256_ctx, 1);
    hogweed.yarrow256_init(rsa->random, 0, NULL);
    hogweed.yarrow256_seed(rsa->random, sizeof bytes, bytes);
    explicit_bzero(bytes, sizeof bytes);
    return true;
}

/* Cannot fail, as nettle requires. */
static void
get_random(void *context, size_t size, uint8_t *data)
{
    hogweed.yarrow256_random(context, size, data);
}

/* ---- operations: @in is the input as a number, @out the output ----------------------------------------- */

static bool
use_public(const Rsa *rsa, const mpz_t in, mpz_t out, GError **error)
{
    if (hogweed.mpz_cmp(in, rsa->pub.n) >= 0) {
        return vt_error_set(error, "the input is not smaller than the modulus");
    }
    hogweed.mpz_powm(out, in, rsa->pub.e, rsa->pub.n);
    return true;
}

static bool
use_private(const Rsa *rsa, const mpz_t in, mpz_t out, GError **error)
{
    if (hogweed.mpz_cmp(in, rsa->pub.n) >= 0) {
        return vt_error_set(error, "the input is not smaller than the modulus");
    }
    return hogweed.rsa_compute_root_tr(&rsa->pub, &rsa->priv, rsa->random, get_random, out, in) ||
           vt_error_set(error, "the key is inconsistent");
}

static bool
encrypt(const Rsa *rsa, const VtCryptoJob *job, mpz_t out, GError **error)
{
    return hogweed.rsa_encrypt(&rsa->pub, rsa->random, get_random, job->in_size, job->in, out) ||
           vt_error_set(error, "the input has %zu bytes, which is too long for a key of %zu", job->in_size,
                        rsa->pub.size);
}

static bool
decrypt(const Rsa *rsa, const VtCryptoJob *job, const mpz_t in, size_t *ret_size, GError **error)
{
    *ret_size = job->out_size;
    return hogweed.rsa_decrypt_tr(&rsa->pub, &rsa->priv, rsa->random, get_random, ret_size, job->out, in) ||
           vt_error_set(error, "the input was not encrypted with this key, or the output buffer is too small");
}

static bool
sign(const Rsa *rsa, const uint8_t *digest, mpz_t out, GError **error)
{
    __typeof__(hogweed.rsa_sha256_sign_digest_tr) sign_digests[] = {
        hogweed.rsa_md5_sign_digest_tr,
        hogweed.rsa_sha1_sign_digest_tr,
        hogweed.rsa_sha256_sign_digest_tr,
        hogweed.rsa_sha512_sign_digest_tr,
    };

    return sign_digests[rsa->hash](&rsa->pub, &rsa->priv, rsa->random, get_random, digest, out) ||
           vt_error_set(error, "the key is too small for the digest, or inconsistent");
}

static bool
verify(const Rsa *rsa, const uint8_t *digest, const mpz_t in)
{
    __typeof__(hogweed.rsa_sha256_verify_digest) verify_digests[] = {
        hogweed.rsa_md5_verify_digest,
        hogweed.rsa_sha1_verify_digest,
        hogweed.rsa_sha256_verify_digest,
        hogweed.rsa_sha512_verify_digest,
    };

    return verify_digests[rsa->hash](&rsa->pub, digest, in);
}

/* ---- jobs ---------------------------------------------------------------------------------------------- */

static bool
check_job(const Rsa *rsa, const VtCryptoJob *job, GError **error)
{
    bool raw = rsa->padding == VT_CRYPTO_RAW;
    size_t digest = raw ? rsa->pub.size : digest_sizes[rsa->hash];
    /* Plain text has any length, as input of an encryption and as output of a decryption. */
    bool any_in = !raw && job->op == VT_CRYPTO_ENCRYPT, any_out = !raw && job->op == VT_CRYPTO_DECRYPT;
    size_t in = job->op == VT_CRYPTO_SIGN ? digest : rsa->pub.size;

    if (!rsa->private && (job->op == VT_CRYPTO_DECRYPT || job->op == VT_CRYPTO_SIGN)) {
        return vt_error_set(error, "a public key cannot decrypt or sign");
    }
    if (!any_in && job->in_size != in) {
        return vt_error_set(error, "the input has %zu bytes; expected %zu", job->in_size, in);
    }
    if (job->op == VT_CRYPTO_VERIFY) {
        return job->digest_size == digest ||
               vt_error_set(error, "the digest has %zu bytes; expected %zu", job->digest_size, digest);
    }
    return any_out || job->out_size >= rsa->pub.size ||
           vt_error_set(error, "the output buffer has %zu bytes; expected at least %zu", job->out_size, rsa->pub.size);
}

static bool
compute(const Rsa *rsa, const VtCryptoJob *job, const mpz_t in, mpz_t out, GError **error)
{
    if (job->op == VT_CRYPTO_SIGN) {
        return rsa->padding == VT_CRYPTO_RAW ? use_private(rsa, in, out, error) : sign(rsa, job->in, out, error);
    }
    if (job->op == VT_CRYPTO_ENCRYPT) {
        return rsa->padding == VT_CRYPTO_RAW ? use_public(rsa, in, out, error) : encrypt(rsa, job, out, error);
    }
    return job->op == VT_CRYPTO_DECRYPT ? use_private(rsa, in, out, error) : use_public(rsa, in, out, error);
}

static bool
do_job(const Rsa *rsa, const VtCryptoJob *job, const mpz_t in, mpz_t out, size_t *ret_size, GError **error)
{
    g_autofree uint8_t *raw = NULL;

    if (rsa->padding == VT_CRYPTO_PKCS1 && job->op == VT_CRYPTO_DECRYPT) {
        return decrypt(rsa, job, in, ret_size, error);
    }
    if (rsa->padding == VT_CRYPTO_PKCS1 && job->op == VT_CRYPTO_VERIFY) {
        return verify(rsa, job->digest, in) || vt_error_set(error, "the signature is invalid");
    }
    if (!compute(rsa, job, in, out, error)) {
        return false;
    }
    if (job->op == VT_CRYPTO_VERIFY) {
        raw = g_malloc(rsa->pub.size);
        hogweed.nettle_mpz_get_str_256(rsa->pub.size, raw, out);
        return !memcmp(raw, job->digest, rsa->pub.size) || vt_error_set(error, "the signature is invalid");
    }
    hogweed.nettle_mpz_get_str_256(rsa->pub.size, job->out, out);
    *ret_size = rsa->pub.size;
    return true;
}

static bool
run(VtCryptoKey *key, const VtCryptoJob *job, size_t *ret_size, GError **error)
{
    Rsa *rsa = (Rsa *)key;
    mpz_t in, out;
    bool done;

    *ret_size = 0;
    if (!check_job(rsa, job, error)) {
        return false;
    }
    hogweed.nettle_mpz_init_set_str_256_u(in, job->in_size, job->in);
    hogweed.mpz_init(out);
    done = do_job(rsa, job, in, out, ret_size, error);
    hogweed.mpz_clear(out);
    hogweed.mpz_clear(in);
    return done;
}

/* ---- keys ---------------------------------------------------------------------------------------------- */

static void
rsa_free(VtCryptoKey *key)
{
    Rsa *rsa = (Rsa *)key;

    hogweed.rsa_private_key_clear(&rsa->priv);
    hogweed.rsa_public_key_clear(&rsa->pub);
    if (rsa->random) {
        explicit_bzero(rsa->random, sizeof *rsa->random);
        g_free(rsa->random);
    }
    g_free(rsa);
}

VtCryptoKey *
vt_rsa_new(bool private, VtCryptoPadding padding, VtCryptoHash hash, const void *key, size_t size, GError **error)
{
    Rsa *rsa;

    if (!vt_library_load(&library, error)) {
        return NULL;
    }
    rsa = g_new0(Rsa, 1);
    *rsa = (Rsa){.key = {run, rsa_free}, .padding = padding, .hash = hash, .private = private};
    hogweed.rsa_public_key_init(&rsa->pub);
    hogweed.rsa_private_key_init(&rsa->priv);
    if (!hogweed.rsa_keypair_from_der(&rsa->pub, private ? &rsa->priv : NULL, KEY_BITS, size, key)) {
        vt_error_set(error, "expected an RSA %s key of at most %d bits", private ? "private" : "public", KEY_BITS);
        rsa_free(&rsa->key);
        return NULL;
    }
    if (!seed(rsa, error)) {
        rsa_free(&rsa->key);
        return NULL;
    }
    return &rsa->key;
}

bool
vt_rsa_has(void)
{
    return true;
}

#else

VtCryptoKey *
vt_rsa_new(bool private, VtCryptoPadding padding, VtCryptoHash hash, const void *key, size_t size, GError **error)
{
    (void)private, (void)padding, (void)hash, (void)key, (void)size;
    vt_error_set(error, "this program was built without hogweed, which RSA requires");
    return NULL;
}

bool
vt_rsa_has(void)
{
    return false;
}

#endif
