/* SPDX-License-Identifier: MIT */
/*
 * What the classes of cryptodev differ in.  They share sessions and limits.
 */
#pragma once

#include "crypto-key.h"
#include "vt-gen/backends.h"

typedef struct VtCryptodevKind {
    VtQCryptodevBackendType type;
    bool cipher, akcipher; /* supported services */
} VtCryptodevKind;

/* Call in the realize of a class. */
void vt_cryptodev_start(VtObject *cryptodev, const VtCryptodevKind *kind);
/* Borrowed; NULL if the object is not realized, or not a cryptodev. */
const VtCryptodevKind *vt_cryptodev_kind(VtObject *object);
