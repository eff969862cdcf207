/* SPDX-License-Identifier: MIT */
#include "aes.h"

#include <string.h>

#include "vt-runtime/error.h"

#ifdef CONFIG_NETTLE
#include "nettle-library.h"

static bool
decrypt(const void *key, const void *iv, void *data, size_t size, GError **error)
{
    struct aes256_ctx context;
    uint8_t chain[AES_BLOCK_SIZE];

    if (!vt_nettle_load(error)) {
        return false;
    }
    memcpy(chain, iv, sizeof(chain));
    vt_nettle.aes256_set_decrypt_key(&context, key);
    vt_nettle.cbc_decrypt(&context, (nettle_cipher_func *)vt_nettle.aes256_decrypt, AES_BLOCK_SIZE, chain, size, data,
                          data);
    explicit_bzero(&context, sizeof(context));
    return true;
}

#else

static bool
decrypt(const void *key, const void *iv, void *data, size_t size, GError **error)
{
    (void)key, (void)iv, (void)data, (void)size;
    return vt_error_set(error, "keyid: this program was built without nettle, which decrypts secrets");
}

#endif

/* Each byte of the padding has the length of the padding as its value. */
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
        return vt_error_set(error, "the encrypted data has %zu bytes; expected a multiple of %d", size,
                            VT_AES_BLOCK_SIZE);
    }
    if (!decrypt(key, iv, data, size, error)) {
        return false;
    }
    if (!check_padding(data, size)) {
        return vt_error_set(error, "keyid: the padding is invalid; expected the key and iv of the encryption");
    }
    *ret_size = size - ((unsigned char *)data)[size - 1];
    return true;
}
