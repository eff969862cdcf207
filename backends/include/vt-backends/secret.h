/* SPDX-License-Identifier: MIT */
/*
 * Secrets, for their users.  No error message contains a secret.
 */
#pragma once

#include "vt-runtime/vm.h"

/* The decoded and decrypted value; data[size] is 0.  Borrowed while the secret is realized. */
typedef struct VtSecretBytes {
    const char *data;
    size_t size;
} VtSecretBytes;

/* @secret: a realized object of a secret class, such as the target of a reference. */
VtSecretBytes vt_secret_get(VtObject *secret);
/* The same by id, where the configuration has no reference. */
bool vt_secret_lookup(const VtVm *vm, const char *id, VtSecretBytes *ret_bytes, GError **error);
/* The same for a text: UTF-8 without a zero byte. */
bool vt_secret_lookup_text(const VtVm *vm, const char *id, const char **ret_text, GError **error);
