/* SPDX-License-Identifier: MIT */
/* RSA for devices: the output equals that of another program. */
#include "cryptodev.h"

#if defined(CONFIG_NETTLE) && defined(CONFIG_HOGWEED)
#include <errno.h>
#include <sys/random.h>
#include <sys/syscall.h>
#include <unistd.h>

#define KEY_SIZE 128
/* The SHA-256 digest of "abc", from FIPS 180-2. */
#define DIGEST "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"

static const char private_key[] =
    "MIICXQIBAAKBgQDxaEUcHkymFjQKLnsQqz4Jbi4uLbG0cFf/aCoW8YTdf670PwIGhekIRbsJkulxxzYKre//AkGSuggXhrWT"
    "wyC4wbtwd+6eFGwhorlIXChRqXLRUZedcfoCbUEbG0u1GDLc9lhrjSxI5hRu7RLr5UOiscNhTHVdW6BgBKb3WOl8zwIDAQAB"
    "AoGAdTPUacRkHjalaVQLt5oL8nQlw5G3twzcDEo8NQtpIEi/XiHBD/2vl66TEiDbabv4BtNPs5Ua1OuwxgtG2Mhhd6BcGA8B"
    "SWlwgK/KgBA3rbqK5VzSe7XR31TJTpk700pmpLpzJaIZdIYYhF/9egRYhQQdJkYfsJxrnoMFwDWXU/ECQQD8eOKTbFtv7QZY"
    "mAUZIyVcPm1bEqjEPg5xN1O5tf/xBOXn4e3aNaTm7rodYNexL4uHx/tSDdY3KEZPX1+yylU9AkEA9MfOBkpKaK9dMrUMZmhU"
    "VeOYgQlSAcy2Dx4bfLpPxk8i/l9RjM07a+bI35RC4uiViqy1K5zRLbxq4nqHOYoy+wJAeUS7WCKI/Qb1sGI8uKlIDbmynzck"
    "NzazizAPGDnSWPuITswXimOP9JigbvIQSHxU4gBtuCkLRu0icIeYGPHU5QJBAIHu3anxHXZcP/h+qkph7wJ4gaddLy7NX4a+"
    "0JBwxY/ayhSEvGElP/mS0+X6aVbRZy/pZXH1GARTE9mMeONOPKkCQQDzn+CU60EOFPAQDyJ6Sl+kAeYc2paEK84roMoA3liq"
    "ACJNo09/6G6EBrlyQ7k2KgrgxANazDAu/zBOGdHmrQrM";
static const char public_key[] =
    "MIGJAoGBAPFoRRweTKYWNAouexCrPgluLi4tsbRwV/9oKhbxhN1/rvQ/AgaF6QhFuwmS6XHHNgqt7/8CQZK6CBeGtZPDILjB"
    "u3B37p4UbCGiuUhcKFGpctFRl51x+gJtQRsbS7UYMtz2WGuNLEjmFG7tEuvlQ6Kxw2FMdV1boGAEpvdY6XzPAgMBAAE=";
static const char signature[] =
    "KJz4gZNsZ2Vx7iaQm2UAzpw44JAOqJ5l6zmwSnRohh034PiU8yNtJ8givAv8Zb8wXvHezuefUHRmZUJpaonUp/s4p0qHKFuo"
    "KRCWSQ3GFW3Ux3NEVfqkb/aqBf9fiRF3gjNQFrPBl1r/aO5MrMLSNwhtKYHrr9tvVcQtazH4FaI=";
static const char hidden_letmein[] =
    "OoRsFbuAxdJiMNWIV4jEI6dMi13M3PYL/NM8SySFSB9+LOkuBQPI4n1jL6Phiwuu+je5MhCisknkSlkb2dgbaCfJcUUy+KqP"
    "TRXcuqvC9UNs0x/ssoLsYo9fbApyLHogx27I//nIFpznKGTUXvw22XcqaIvOX8RAcsmU2rzfKFo=";
/* Computed for the bytes 0 to 127. */
static const char hidden_count[] =
    "nhTuUIzTnnUTRirGFjorIFJrxk/80MF8+EmDty8vr6iuV4wyyqZD/38iQctiBP7AeE6WnwxSVO0eEthChMtPo5cSxUXG5ALX"
    "2SUy3fSnKY2KzAA5tx4YzfhPbXAI9BKb5J2tiGelZ2HbQ21UijvXpw9Dp9ua5+U6JfYbUJzA/q0=";

/* Both keys, for one padding. */
typedef struct Pair {
    TestVm *vm;
    VtCryptoSession *private, *public;
} Pair;

static VtCryptoSession *
open_rsa(VtObject *cryptodev, bool private, VtCryptoPadding padding)
{
    g_autoptr(GError) error = NULL;
    gsize size;
    g_autofree guchar *key = g_base64_decode(private ? private_key : public_key, &size);
    VtCryptoSession *session = vt_cryptodev_open_rsa(cryptodev, private, padding, VT_CRYPTO_SHA256, key, size, &error);

    g_assert_no_error(error);
    return session;
}

static void
pair_init(Pair *pair, VtCryptoPadding padding)
{
    VtObject *cryptodev;

    pair->vm = test_vm_empty();
    cryptodev = test_vm_object(pair->vm, TEST_BUILTIN, "c");
    pair->private = open_rsa(cryptodev, true, padding);
    pair->public = open_rsa(cryptodev, false, padding);
}

static void
pair_clear(Pair *pair)
{
    vt_cryptodev_close(pair->private);
    vt_cryptodev_close(pair->public);
    test_vm_free(pair->vm);
}

/* Runs a job and expects the output or the error.  For a verification, @out is the digest. */
static void
expect(VtCryptoSession *session, VtCryptoOp op, const void *in, gsize in_size, const void *out, gsize out_size,
       const char *message)
{
    char got[KEY_SIZE];
    VtCryptoJob job = {.op = op, .in = in, .in_size = in_size, .out = got, .out_size = sizeof got};
    TestAnswer answer;

    if (op == VT_CRYPTO_VERIFY) {
        job.digest = out;
        job.digest_size = out_size;
    }
    answer = test_crypto_do(session, &job);
    g_assert_cmpstr(answer.error, ==, message);
    if (message) {
        g_assert_cmpuint(answer.size, ==, 0);
    } else if (op != VT_CRYPTO_VERIFY) {
        g_assert_cmpmem(got, answer.size, out, out_size);
    }
    g_free(answer.error);
}

VT_TEST(signatures_are_those_of_others, "/cryptodev/rsa/sign")
{
    g_autoptr(GByteArray) digest = test_from_hex(DIGEST);
    gsize size;
    g_autofree guchar *expected = g_base64_decode(signature, &size);
    Pair pair;

    pair_init(&pair, VT_CRYPTO_PKCS1);
    expect(pair.private, VT_CRYPTO_SIGN, digest->data, digest->len, expected, size, NULL);
    expect(pair.public, VT_CRYPTO_VERIFY, expected, size, digest->data, digest->len, NULL);
    expect(pair.private, VT_CRYPTO_VERIFY, expected, size, digest->data, digest->len, NULL);
    expect(pair.public, VT_CRYPTO_SIGN, digest->data, digest->len, NULL, 0, "a public key cannot decrypt or sign");
    expect(pair.private, VT_CRYPTO_SIGN, digest->data, 31, NULL, 0, "the input has 31 bytes; expected 32");
    expect(pair.public, VT_CRYPTO_VERIFY, expected, size, digest->data, 31, "the digest has 31 bytes; expected 32");
    digest->data[31] ^= 1;
    expect(pair.public, VT_CRYPTO_VERIFY, expected, size, digest->data, digest->len, "the signature is invalid");
    pair_clear(&pair);
}

VT_TEST(text_goes_to_and_fro, "/cryptodev/rsa/text")
{
    char hidden[KEY_SIZE], much[KEY_SIZE] = "";
    VtCryptoJob job = {.op = VT_CRYPTO_ENCRYPT, .in = "secret", .in_size = 6, .out = hidden, .out_size = KEY_SIZE};
    gsize size;
    g_autofree guchar *others = g_base64_decode(hidden_letmein, &size);
    Pair pair;

    pair_init(&pair, VT_CRYPTO_PKCS1);
    expect(pair.private, VT_CRYPTO_DECRYPT, others, size, "letmein", 7, NULL);
    others[9] ^= 1;
    expect(pair.private, VT_CRYPTO_DECRYPT, others, size, NULL, 0,
           "the input was not encrypted with this key, or the output buffer is too small");
    g_assert_cmpuint(test_crypto_do(pair.public, &job).size, ==, KEY_SIZE);
    expect(pair.private, VT_CRYPTO_DECRYPT, hidden, sizeof hidden, "secret", 6, NULL);
    expect(pair.public, VT_CRYPTO_ENCRYPT, much, KEY_SIZE, NULL, 0,
           "the input has 128 bytes, which is too long for a key of 128");
    expect(pair.public, VT_CRYPTO_DECRYPT, hidden, KEY_SIZE, NULL, 0, "a public key cannot decrypt or sign");
    pair_clear(&pair);
}

VT_TEST(numbers_go_to_and_fro, "/cryptodev/rsa/raw")
{
    static const char too_large[] = "the input is not smaller than the modulus";
    char count[KEY_SIZE], large[KEY_SIZE];
    gsize size;
    g_autofree guchar *hidden = g_base64_decode(hidden_count, &size);
    Pair pair;

    for (int i = 0; i < KEY_SIZE; i++) {
        count[i] = (char)i;
        large[i] = (char)0xff;
    }
    pair_init(&pair, VT_CRYPTO_RAW);
    expect(pair.public, VT_CRYPTO_ENCRYPT, count, KEY_SIZE, hidden, size, NULL);
    expect(pair.private, VT_CRYPTO_DECRYPT, hidden, size, count, KEY_SIZE, NULL);
    expect(pair.private, VT_CRYPTO_SIGN, hidden, size, count, KEY_SIZE, NULL);
    expect(pair.public, VT_CRYPTO_VERIFY, count, KEY_SIZE, hidden, size, NULL);
    expect(pair.public, VT_CRYPTO_VERIFY, hidden, size, hidden, size, "the signature is invalid");
    expect(pair.public, VT_CRYPTO_ENCRYPT, large, KEY_SIZE, NULL, 0, too_large);
    expect(pair.private, VT_CRYPTO_DECRYPT, large, KEY_SIZE, NULL, 0, too_large);
    expect(pair.public, VT_CRYPTO_ENCRYPT, count, 7, NULL, 0, "the input has 7 bytes; expected 128");
    pair_clear(&pair);
}

VT_TEST(what_is_no_key_is_refused, "/cryptodev/rsa/key")
{
    g_autoptr(TestVm) vm = test_vm_empty();
    VtObject *cryptodev = test_vm_object(vm, TEST_BUILTIN, "c");
    gsize size;
    g_autofree guchar *key = g_base64_decode(public_key, &size);

    /* Truncated keys, and a public key instead of a private one. */
    for (gsize cut = 0; cut <= size; cut++) {
        g_autoptr(GError) error = NULL;
        bool private = cut == size;

        g_assert_null(vt_cryptodev_open_rsa(cryptodev, private, VT_CRYPTO_RAW, VT_CRYPTO_SHA1, key, cut, &error));
        g_assert_cmpstr(error->message, ==,
                        private ? "expected an RSA private key of at most 16384 bits"
                                : "expected an RSA public key of at most 16384 bits");
    }
}

static int refusals[2]; /* what the next calls of getrandom() fail with; 0: they do not */

/* In place of the C library's, for all of this program. */
ssize_t
getrandom(void *buffer, size_t size, unsigned flags)
{
    int number = refusals[0];

    refusals[0] = refusals[1];
    refusals[1] = 0;
    if (number) {
        errno = number;
        return -1;
    }
    return syscall(SYS_getrandom, buffer, size, flags);
}

VT_TEST(host_without_random_bytes_is_an_error, "/cryptodev/rsa/random")
{
    g_autoptr(TestVm) vm = test_vm_empty();
    VtObject *cryptodev = test_vm_object(vm, TEST_BUILTIN, "c");
    g_autoptr(GError) error = NULL;
    gsize size;
    g_autofree guchar *key = g_base64_decode(public_key, &size);
    VtCryptoSession *session;

    refusals[0] = EAGAIN;
    g_assert_null(vt_cryptodev_open_rsa(cryptodev, false, VT_CRYPTO_PKCS1, VT_CRYPTO_SHA1, key, size, &error));
    g_assert_cmpstr(error->message, ==, "the host has no random bytes: Resource temporarily unavailable");
    g_clear_error(&error);
    /* A signal is none. */
    refusals[0] = EINTR;
    session = vt_cryptodev_open_rsa(cryptodev, false, VT_CRYPTO_PKCS1, VT_CRYPTO_SHA1, key, size, &error);
    g_assert_no_error(error);
    vt_cryptodev_close(session);
    refusals[0] = EINTR;
    refusals[1] = ENOSYS;
    g_assert_null(vt_cryptodev_open_rsa(cryptodev, false, VT_CRYPTO_PKCS1, VT_CRYPTO_SHA1, key, size, &error));
    g_assert_cmpstr(error->message, ==, "the host has no random bytes: Function not implemented");
}

#endif
