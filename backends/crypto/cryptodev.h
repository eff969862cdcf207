/* SPDX-License-Identifier: MIT */
/*
 * What each kind of cryptodev is, besides its sessions and limits, which all have alike.
 */
#pragma once

#include "crypto-key.h"
#include "vt-gen/backends.h"

typedef struct VtCryptodevKind {
    VtQCryptodevBackendType type;
    bool cipher, akcipher; /* its services */
} VtCryptodevKind;

/* For a kind's realize. */
void vt_cryptodev_start(VtObject *cryptodev, const VtCryptodevKind *kind);
/* Borrowed; NULL where the object is not realized, or is no cryptodev. */
const VtCryptodevKind *vt_cryptodev_kind(VtObject *object);
