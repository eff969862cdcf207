/* SPDX-License-Identifier: MIT */
/*
 * Ciphers of nettle, loaded with the first cipher or encrypted secret: vt_nettle.NAME() is nettle_NAME().
 */
#pragma once

#include <nettle/aes.h>
#include <nettle/cbc.h>
#include <nettle/ctr.h>
#include <nettle/des.h>
#include <nettle/nettle-meta.h>
#include <nettle/xts.h>

#include "vt-runtime/library.h"

#define VT_NETTLE_FUNCTIONS(F)                                                                                         \
    F(nettle_aes128)                                                                                                   \
    F(nettle_aes192)                                                                                                   \
    F(nettle_aes256)                                                                                                   \
    F(nettle_aes256_decrypt)                                                                                           \
    F(nettle_aes256_set_decrypt_key)                                                                                   \
    F(nettle_cbc_decrypt)                                                                                              \
    F(nettle_cbc_encrypt)                                                                                              \
    F(nettle_ctr_crypt)                                                                                                \
    F(nettle_des3_decrypt)                                                                                             \
    F(nettle_des3_encrypt)                                                                                             \
    F(nettle_des3_set_key)                                                                                             \
    F(nettle_xts_decrypt_message)                                                                                      \
    F(nettle_xts_encrypt_message)

typedef struct VtNettle {
    VT_NETTLE_FUNCTIONS(VT_LIBRARY_POINTER)
} VtNettle;

extern VtNettle vt_nettle;

/* Loads the library, if it is not loaded. On failure returns false and sets @error. Main thread only. */
bool vt_nettle_load(GError **error);
