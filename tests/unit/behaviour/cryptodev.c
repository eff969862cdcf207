/* SPDX-License-Identifier: MIT */
/* Cryptography for devices: published test vectors, order and rate limits. */
#include "cryptodev.h"

#include <string.h>

#ifdef CONFIG_NETTLE

static void
on_answer(size_t size, const GError *error, void *opaque)
{
    *(TestAnswer *)opaque = (TestAnswer){true, size, error ? g_strdup(error->message) : NULL};
}

TestAnswer
test_crypto_do(VtCryptoSession *session, const VtCryptoJob *job)
{
    TestAnswer answer = {.done = false};

    vt_cryptodev_submit(session, job, on_answer, &answer);
    g_assert_false(answer.done);
    while (!answer.done) {
        g_main_context_iteration(NULL, TRUE);
    }
    return answer;
}

GByteArray *
test_from_hex(const char *text)
{
    GByteArray *bytes = g_byte_array_new();

    for (; text[0] && text[1]; text += 2) {
        guint8 byte = (guint8)(g_ascii_xdigit_value(text[0]) << 4 | g_ascii_xdigit_value(text[1]));

        g_byte_array_append(bytes, &byte, 1);
    }
    return bytes;
}

typedef struct Vector {
    VtCryptoCipher cipher;
    VtCryptoMode mode;
    const char *key, *iv, *clear, *hidden;
} Vector;

#define AES128  "2b7e151628aed2a6abf7158809cf4f3c"
#define AES192  "8e73b0f7da0e6452c810f32b809079e562f8ead2522c6b7b"
#define AES256  "603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4"
#define CHAIN   "000102030405060708090a0b0c0d0e0f"
#define COUNTER "f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff"
/* The plain text of all examples of SP 800-38A. */
#define TEXT                                                                                                           \
    "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51"                                                 \
    "30c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710"

static const Vector vectors[] = {
    /* NIST SP 800-38A, F.1.1, F.1.3 and F.1.5 */
    {VT_CRYPTO_AES, VT_CRYPTO_ECB, AES128, "", TEXT,
     "3ad77bb40d7a3660a89ecaf32466ef97f5d3d58503b9699de785895a96fdbaaf"
     "43b1cd7f598ece23881b00e3ed0306887b0c785e27e8ad3f8223207104725dd4"},
    {VT_CRYPTO_AES, VT_CRYPTO_ECB, AES192, "", TEXT,
     "bd334f1d6e45f25ff712a214571fa5cc974104846d0ad3ad7734ecb3ecee4eef"
     "ef7afd2270e2e60adce0ba2face6444e9a4b41ba738d6c72fb16691603c18e0e"},
    {VT_CRYPTO_AES, VT_CRYPTO_ECB, AES256, "", TEXT,
     "f3eed1bdb5d2a03c064b5a7e3db181f8591ccb10d410ed26dc5ba74a31362870"
     "b6ed21b99ca6f4f9f153e7b1beafed1d23304b7a39f9f3ff067d8d8f9e24ecc7"},
    /* F.2.1, F.2.3 and F.2.5 */
    {VT_CRYPTO_AES, VT_CRYPTO_CBC, AES128, CHAIN, TEXT,
     "7649abac8119b246cee98e9b12e9197d5086cb9b507219ee95db113a917678b2"
     "73bed6b8e3c1743b7116e69e222295163ff1caa1681fac09120eca307586e1a7"},
    {VT_CRYPTO_AES, VT_CRYPTO_CBC, AES192, CHAIN, TEXT,
     "4f021db243bc633d7178183a9fa071e8b4d9ada9ad7dedf4e5e738763f69145a"
     "571b242012fb7ae07fa9baac3df102e008b0e27988598881d920a9e64f5615cd"},
    {VT_CRYPTO_AES, VT_CRYPTO_CBC, AES256, CHAIN, TEXT,
     "f58c4c04d6e5f1ba779eabfb5f7bfbd69cfc4e967edb808d679f777bc6702c7d"
     "39f23369a9d9bacfa530e26304231461b2eb05e2c39be9fcda6c19078c6a9d1b"},
    /* F.5.1, F.5.3 and F.5.5 */
    {VT_CRYPTO_AES, VT_CRYPTO_CTR, AES128, COUNTER, TEXT,
     "874d6191b620e3261bef6864990db6ce9806f66b7970fdff8617187bb9fffdff"
     "5ae4df3edbd5d35e5b4f09020db03eab1e031dda2fbe03d1792170a0f3009cee"},
    {VT_CRYPTO_AES, VT_CRYPTO_CTR, AES192, COUNTER, TEXT,
     "1abc932417521ca24f2b0459fe7e6e0b090339ec0aa6faefd5ccc2c6f4ce8e94"
     "1e36b26bd1ebc670d1bd1d665620abf74f78a7f6d29809585a97daec58c6b050"},
    {VT_CRYPTO_AES, VT_CRYPTO_CTR, AES256, COUNTER, TEXT,
     "601ec313775789a5b7a7f504bbf3d228f443e3ca4d62b59aca84e990cacaf5c5"
     "2b0930daa23de94ce87017ba2d84988ddfc9c58db67aada613c2dd08457941a6"},
    /* A partial block; computed by another program. */
    {VT_CRYPTO_AES, VT_CRYPTO_CTR, AES192, COUNTER, "000102030405060708090a0b0c0d0e0f10111213",
     "717c2fc53d178533ae1f704381e0772eb73fa1a8"},
    /* IEEE 1619, vectors 1 and 2 */
    {VT_CRYPTO_AES, VT_CRYPTO_XTS, "0000000000000000000000000000000000000000000000000000000000000000",
     "00000000000000000000000000000000", "0000000000000000000000000000000000000000000000000000000000000000",
     "917cf69ebd68b2ec9b9fe9a3eadda692cd43d2f59598ed858c02c2652fbf922e"},
    {VT_CRYPTO_AES, VT_CRYPTO_XTS, "1111111111111111111111111111111122222222222222222222222222222222",
     "33333333330000000000000000000000", "4444444444444444444444444444444444444444444444444444444444444444",
     "c454185e6a16936e39334038acef838bfb186fff7480adc4289382ecd6d394f0"},
    /* NIST SP 800-67, B.1 */
    {VT_CRYPTO_3DES, VT_CRYPTO_ECB, "0123456789abcdef23456789abcdef01456789abcdef0123", "",
     "5468652071756663"
     "6b2062726f776e20"
     "666f78206a756d70",
     "a826fd8ce53b855fcce21c8112256fe668d5c05dd9b6b900"},
};

static void
check_vector(VtObject *cryptodev, const Vector *vector)
{
    g_autoptr(GByteArray) key = test_from_hex(vector->key), iv = test_from_hex(vector->iv);
    g_autoptr(GByteArray) clear = test_from_hex(vector->clear), hidden = test_from_hex(vector->hidden);
    g_autofree char *out = g_malloc(clear->len);
    g_autoptr(GError) error = NULL;
    VtCryptoSession *session =
        vt_cryptodev_open_cipher(cryptodev, vector->cipher, vector->mode, key->data, key->len, &error);
    VtCryptoJob job = {.op = VT_CRYPTO_ENCRYPT,
                       .iv = iv->data,
                       .iv_size = iv->len,
                       .in = clear->data,
                       .in_size = clear->len,
                       .out = out,
                       .out_size = clear->len};
    TestAnswer answer;

    g_assert_no_error(error);
    answer = test_crypto_do(session, &job);
    g_assert_null(answer.error);
    g_assert_cmpmem(out, answer.size, hidden->data, hidden->len);
    /* Back, in place. */
    job.op = VT_CRYPTO_DECRYPT;
    job.in = out;
    answer = test_crypto_do(session, &job);
    g_assert_null(answer.error);
    g_assert_cmpmem(out, answer.size, clear->data, clear->len);
    vt_cryptodev_close(session);
}

VT_TEST(ciphers_give_the_published_answers, "/cryptodev/vectors")
{
    g_autoptr(TestVm) vm = test_vm_empty();
    VtObject *cryptodev = test_vm_object(vm, TEST_BUILTIN, "c");

    for (size_t i = 0; i < G_N_ELEMENTS(vectors); i++) {
        check_vector(cryptodev, &vectors[i]);
    }
}

static void
refuse_key(VtObject *cryptodev, VtCryptoCipher cipher, VtCryptoMode mode, size_t size)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *key = g_malloc0(size + 1);
    g_autofree char *expected = g_strdup_printf("a key of %zu bytes is invalid for the cipher and mode", size);

    g_assert_null(vt_cryptodev_open_cipher(cryptodev, cipher, mode, key, size, &error));
    g_assert_cmpstr(error->message, ==, expected);
}

static void
refuse_job(VtCryptoSession *session, VtCryptoJob job, const char *message)
{
    TestAnswer answer = test_crypto_do(session, &job);

    g_assert_cmpuint(answer.size, ==, 0);
    g_assert_cmpstr(answer.error, ==, message);
    g_free(answer.error);
}

VT_TEST(what_does_not_fit_is_refused, "/cryptodev/refused")
{
    g_autoptr(TestVm) vm = test_vm_empty();
    g_autoptr(GError) error = NULL;
    VtObject *cryptodev = test_vm_object(vm, TEST_BUILTIN, "c");
    VtCryptoSession *sessions[256];
    char data[64] = "";
    VtCryptoJob job = {.iv = data, .iv_size = 16, .in = data, .in_size = 32, .out = data, .out_size = 64};

    refuse_key(cryptodev, VT_CRYPTO_AES, VT_CRYPTO_CBC, 15);
    refuse_key(cryptodev, VT_CRYPTO_AES, VT_CRYPTO_XTS, 16);
    refuse_key(cryptodev, VT_CRYPTO_AES, VT_CRYPTO_XTS, 33);
    refuse_key(cryptodev, VT_CRYPTO_3DES, VT_CRYPTO_CBC, 16);
    refuse_key(cryptodev, VT_CRYPTO_3DES, VT_CRYPTO_XTS, 48);
    for (size_t i = 0; i < G_N_ELEMENTS(sessions); i++) {
        sessions[i] = vt_cryptodev_open_cipher(cryptodev, VT_CRYPTO_AES, i ? VT_CRYPTO_XTS : VT_CRYPTO_CBC, data,
                                               i ? 32 : 16, &error);
        g_assert_no_error(error);
    }
    g_assert_null(vt_cryptodev_open_cipher(cryptodev, VT_CRYPTO_AES, VT_CRYPTO_CBC, data, 16, &error));
    g_assert_cmpstr(error->message, ==, "cryptodev 'c' has the maximum of 256 sessions");
    job.iv_size = 8;
    refuse_job(sessions[0], job, "the initialization vector has 8 bytes; expected 16");
    job.iv_size = 16;
    job.in_size = 33;
    refuse_job(sessions[0], job, "the input has 33 bytes; expected a multiple of the block size 16");
    job.in_size = 15;
    refuse_job(sessions[1], job, "the input has 15 bytes; expected at least a block of 16");
    job.in_size = 64;
    job.out_size = 63;
    refuse_job(sessions[0], job, "the output buffer has 63 bytes; expected at least 64");
    job.op = VT_CRYPTO_SIGN;
    refuse_job(sessions[0], job, "a cipher cannot sign or verify");
    for (size_t i = 0; i < G_N_ELEMENTS(sessions); i++) {
        vt_cryptodev_close(sessions[i]);
    }
    g_clear_error(&error);
    cryptodev = test_vm_object(vm, "object cryptodev-backend,id=b", "b");
    g_assert_null(vt_cryptodev_open_cipher(cryptodev, VT_CRYPTO_AES, VT_CRYPTO_CBC, data, 16, &error));
    g_assert_cmpstr(error->message, ==, "cryptodev 'b' is not realized or has no service");
    test_vm_fails(vm, "object cryptodev-backend-builtin,id=d,queues=2", "queues: 2 exceeds the maximum 1");
}

/* ---- order and limits ---------------------------------------------------------------------------------- */

typedef struct Count {
    unsigned done;
    size_t bytes;
} Count;

static void
on_counted(size_t size, const GError *error, void *opaque)
{
    Count *count = opaque;

    g_assert_null(error);
    count->done++;
    count->bytes += size;
}

static Count
run_for(TestVm *vm, const char *limits, size_t size, unsigned jobs, int64_t *ret_spent)
{
    g_autofree char *text = g_strconcat(TEST_BUILTIN, limits, NULL);
    g_autofree char *data = g_malloc0(size);
    VtObject *cryptodev = test_vm_object(vm, text, "c");
    VtCryptoSession *session = vt_cryptodev_open_cipher(cryptodev, VT_CRYPTO_AES, VT_CRYPTO_ECB, data, 16, NULL);
    VtCryptoJob job = {.in = data, .in_size = size, .out = data, .out_size = size};
    int64_t start = g_get_monotonic_time();
    Count count = {0, 0};

    for (unsigned i = 0; i < jobs; i++) {
        vt_cryptodev_submit(session, &job, on_counted, &count);
    }
    while (count.done < jobs) {
        g_main_context_iteration(NULL, TRUE);
    }
    *ret_spent = g_get_monotonic_time() - start;
    vt_cryptodev_close(session);
    test_vm_delete(vm, "c");
    return count;
}

VT_TEST(limits_limit, "/cryptodev/limits")
{
    g_autoptr(TestVm) vm = test_vm_empty();
    int64_t spent;

    /* A burst of a tenth of a second is allowed. */
    run_for(vm, ",throttle-ops=100", 16, 60, &spent);
    g_assert_cmpint(spent, >=, 480000);
    run_for(vm, ",throttle-bps=1000000", 10000, 60, &spent);
    g_assert_cmpint(spent, >=, 480000);
    run_for(vm, ",throttle-bps=1000000000,throttle-ops=100", 16, 40, &spent);
    g_assert_cmpint(spent, >=, 280000);
    g_assert_cmpuint(run_for(vm, "", 16, 100, &spent).bytes, ==, 1600);
}

static bool
set(VtObject *object, const char *member, const char *value, GError **error)
{
    g_autoptr(VtInput) input = vt_input_new_json(value, strlen(value), member);

    return vt_object_set(object, member, input, error);
}

VT_TEST(a_limit_can_be_lifted, "/cryptodev/lifted")
{
    g_autoptr(TestVm) vm = test_vm_empty();
    g_autoptr(GError) error = NULL;
    VtObject *cryptodev = test_vm_object(vm, TEST_BUILTIN ",throttle-ops=1", "c");
    char data[16] = "";
    VtCryptoSession *session = vt_cryptodev_open_cipher(cryptodev, VT_CRYPTO_AES, VT_CRYPTO_ECB, data, 16, &error);
    VtCryptoJob job = {.in = data, .in_size = 16, .out = data, .out_size = 16};
    Count count = {0, 0};

    for (int i = 0; i < 1000; i++) {
        vt_cryptodev_submit(session, &job, on_counted, &count);
    }
    while (g_main_context_iteration(NULL, FALSE)) {
    }
    g_assert_cmpuint(count.done, ==, 1);
    g_assert_true(set(cryptodev, "throttle-ops", "0", &error));
    while (count.done < 1000) {
        g_main_context_iteration(NULL, TRUE);
    }
    vt_cryptodev_close(session);
}

VT_TEST(a_closed_session_drops_its_own_jobs, "/cryptodev/close")
{
    g_autoptr(TestVm) vm = test_vm_empty();
    VtObject *cryptodev = test_vm_object(vm, TEST_BUILTIN, "c");
    char data[16] = "";
    VtCryptoSession *one = vt_cryptodev_open_cipher(cryptodev, VT_CRYPTO_AES, VT_CRYPTO_ECB, data, 16, NULL);
    VtCryptoSession *two = vt_cryptodev_open_cipher(cryptodev, VT_CRYPTO_AES, VT_CRYPTO_ECB, data, 16, NULL);
    VtCryptoJob job = {.in = data, .in_size = 16, .out = data, .out_size = 16};
    Count counts[2] = {{0, 0}, {0, 0}};

    for (int i = 0; i < 10; i++) {
        vt_cryptodev_submit(one, &job, on_counted, &counts[0]);
        vt_cryptodev_submit(two, &job, on_counted, &counts[1]);
    }
    vt_cryptodev_close(one);
    while (counts[1].done < 10) {
        g_main_context_iteration(NULL, TRUE);
    }
    g_assert_cmpuint(counts[0].done, ==, 0);
    vt_cryptodev_submit(two, &job, on_counted, &counts[1]);
    vt_cryptodev_close(two);
    g_assert_false(g_main_context_iteration(NULL, FALSE));
    test_vm_churn_in(vm, "object cryptodev-backend-builtin,id=d", "d");
}

#endif
