/* SPDX-License-Identifier: MIT */
/*
 * Decryption of secrets.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include <glib.h>

#define VT_AES_KEY_SIZE   32
#define VT_AES_BLOCK_SIZE 16

/* Decrypts AES-256-CBC in place.  *ret_size is the size without the padding (PKCS #7).  Fails in a build without
 * nettle.
 */
bool vt_aes_decrypt(const void *key, const void *iv, void *data, size_t size, size_t *ret_size, GError **error);
