/* SPDX-License-Identifier: MIT */
/*
 * The encryption of secrets.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include <glib.h>

#define VT_AES_KEY_SIZE   32
#define VT_AES_BLOCK_SIZE 16

/* Decrypts AES-256-CBC in place; *ret_size is what is left without the padding (PKCS #7).  A build without nettle
 * refuses. */
bool vt_aes_decrypt(const void *key, const void *iv, void *data, size_t size, size_t *ret_size, GError **error);
