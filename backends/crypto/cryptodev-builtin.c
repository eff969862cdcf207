/* SPDX-License-Identifier: MIT */
#include "cryptodev.h"

#include "vt-runtime/error.h"

static bool
validate(VtObject *object, GError **error)
{
    const VtCryptodevBackend *config = vt_object_config(object);

    return config->queues == 1 || vt_error_set(error, "queues: %u exceeds the maximum 1", config->queues);
}

static bool
realize(VtObject *object, GError **error)
{
    static const VtCryptodevKind ciphers = {VT_Q_CRYPTODEV_BACKEND_TYPE_BUILTIN, true, false};
    static const VtCryptodevKind all = {VT_Q_CRYPTODEV_BACKEND_TYPE_BUILTIN, true, true};

    if (!vt_cipher_check(error)) {
        return false;
    }
    vt_cryptodev_start(object, vt_rsa_has() ? &all : &ciphers);
    return true;
}

const VtOps vt_ops_cryptodev_backend_builtin = {.validate = validate, .realize = realize};
