/* SPDX-License-Identifier: MIT */
/*
 * Secrets: a value in one place, given as it is or encrypted with another secret.
 */
#include <string.h>

#include "vt-gen/backends.h"
#include "vt-runtime/error.h"
#include "vt-runtime/object.h"

#define IV_SIZE 16
#define GROUP   4 /* characters of base64 that stand for three bytes */

/* How many bytes the text stands for, or -1: it is not base64.  Line ends may stand anywhere. */
static gssize
base64_size(const char *text)
{
    size_t characters = 0, padding = 0;

    for (; *text; text++) {
        if (*text == '\n' || *text == '\r') {
            continue;
        }
        if (*text == '=') {
            padding++;
        } else if (padding || !(g_ascii_isalnum(*text) || *text == '+' || *text == '/')) {
            return -1;
        }
        characters++;
    }
    if (characters % GROUP || padding > 2) {
        return -1;
    }
    return (gssize)(characters / GROUP * 3 - padding);
}

static bool
check_encryption(const VtSecret *config, GError **error)
{
    gssize size;

    if (config->keyid.id && !config->iv) {
        return vt_error_set(error, "iv: it is required where keyid says that the data is encrypted");
    }
    if (!config->iv) {
        return true;
    }
    size = base64_size(config->iv);
    if (size < 0) {
        return vt_error_set(error, "iv: it is not base64");
    }
    return size == IV_SIZE || vt_error_set(error, "iv: it has %" G_GSSIZE_FORMAT " bytes, not %d", size, IV_SIZE);
}

/* The value never appears in a message. */
static bool
validate(VtObject *object, GError **error)
{
    const VtSecret *config = vt_object_config(object);

    if (!config->data == !config->file) {
        return vt_error_set(error,
                            config->data ? "data and file exclude each other" : "one of data and file is required");
    }
    if (config->data && config->format == VT_Q_CRYPTO_SECRET_FORMAT_BASE64 && base64_size(config->data) < 0) {
        return vt_error_set(error, "data: it is not base64");
    }
    if (config->data && config->format == VT_Q_CRYPTO_SECRET_FORMAT_RAW && !config->keyid.id &&
        !g_utf8_validate(config->data, -1, NULL)) {
        return vt_error_set(error, "data: it is not UTF-8; base64 carries any bytes");
    }
    return check_encryption(config, error);
}

const VtOps vt_ops_secret = {.validate = validate};
