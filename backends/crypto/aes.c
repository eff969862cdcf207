/* SPDX-License-Identifier: MIT */
#include "aes.h"

#include "vt-runtime/error.h"

#ifdef CONFIG_GNUTLS
#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>

/* Left to itself, the library reads its configuration from the host before main(), also in a program that is to look at
 * nothing.  So it is set up at its first use. */
GNUTLS_SKIP_GLOBAL_INIT

/* For good: each time it is set up and taken down again, it keeps a little more memory. */
static int
set_up(void)
{
    static int result = GNUTLS_E_AGAIN;

    if (result == GNUTLS_E_AGAIN) {
        result = gnutls_global_init();
    }
    return result;
}

static bool
decrypt(const void *key, const void *iv, void *data, size_t size, GError **error)
{
    gnutls_datum_t key_datum = {(void *)key, VT_AES_KEY_SIZE}, iv_datum = {(void *)iv, VT_AES_BLOCK_SIZE};
    gnutls_cipher_hd_t cipher;
    int result = set_up();

    if (result == 0) {
        result = gnutls_cipher_init(&cipher, GNUTLS_CIPHER_AES_256_CBC, &key_datum, &iv_datum);
    }
    if (result == 0) {
        result = gnutls_cipher_decrypt(cipher, data, size);
        gnutls_cipher_deinit(cipher);
    }
    return result == 0 || vt_error_set(error, "keyid: cannot decrypt: %s", gnutls_strerror(result));
}

#else

static bool
decrypt(const void *key, const void *iv, void *data, size_t size, GError **error)
{
    (void)key, (void)iv, (void)data, (void)size;
    return vt_error_set(error, "keyid: this program was built without decryption (gnutls)");
}

#endif

/* Each byte of the padding says how many there are. */
static bool
check_padding(const unsigned char *data, size_t size)
{
    size_t padding = data[size - 1];

    if (padding < 1 || padding > VT_AES_BLOCK_SIZE) {
        return false;
    }
    for (size_t i = 1; i <= padding; i++) {
        if (data[size - i] != padding) {
            return false;
        }
    }
    return true;
}

bool
vt_aes_decrypt(const void *key, const void *iv, void *data, size_t size, size_t *ret_size, GError **error)
{
    if (!size || size % VT_AES_BLOCK_SIZE) {
        return vt_error_set(error, "what is encrypted has %zu bytes, which is no multiple of %d", size,
                            VT_AES_BLOCK_SIZE);
    }
    if (!decrypt(key, iv, data, size, error)) {
        return false;
    }
    if (!check_padding(data, size)) {
        return vt_error_set(error, "keyid: the padding is wrong: it is not the key, or not the iv, that it was "
                                   "encrypted with");
    }
    *ret_size = size - ((unsigned char *)data)[size - 1];
    return true;
}
