/* SPDX-License-Identifier: MIT */
/*
 * Secrets, as their users see them.  Nothing here ends up in a message.
 */
#pragma once

#include "vt-runtime/vm.h"

/* The bytes themselves, decoded and decrypted; data[size] is 0.  Borrowed: as long as the secret is realized. */
typedef struct VtSecretBytes {
    const char *data;
    size_t size;
} VtSecretBytes;

/* @secret: of a class of secrets, and realized; what a reference to one leads to. */
VtSecretBytes vt_secret_get(VtObject *secret);
/* The same by id, for what is not configured as a reference. */
bool vt_secret_lookup(const VtVm *vm, const char *id, VtSecretBytes *ret_bytes, GError **error);
/* A secret that serves as a text: UTF-8 without a zero in it. */
bool vt_secret_lookup_text(const VtVm *vm, const char *id, const char **ret_text, GError **error);
