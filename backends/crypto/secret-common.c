/* SPDX-License-Identifier: MIT */
/*
 * secret_common: a secret value, plain or encrypted with another secret.
 */
#include "secret.h"

#include <string.h>

#include "aes.h"
#include "vt-backends/secret.h"
#include "vt-runtime/error.h"
#include "vt-runtime/main-thread.h"

#define GROUP 4 /* base64 characters that encode three bytes */

typedef struct State {
    char *data; /* NULL: not realized; zero-terminated */
    size_t size, room;
} State;

/* ---- rules --------------------------------------------------------------------------------------------- */

gssize
vt_base64_size(const char *text)
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
validate(VtObject *object, GError **error)
{
    const VtSecretCommon *config = vt_object_config(object);
    gssize size;

    if (config->keyid.id && !config->iv) {
        return vt_error_set(error, "iv: required with keyid");
    }
    if (!config->iv) {
        return true;
    }
    size = vt_base64_size(config->iv);
    if (size < 0) {
        return vt_error_set(error, "iv: expected base64");
    }
    return size == VT_AES_BLOCK_SIZE ||
           vt_error_set(error, "iv: has %" G_GSSIZE_FORMAT " bytes; expected %d", size, VT_AES_BLOCK_SIZE);
}

/* ---- decoding ------------------------------------------------------------------------------------------ */

static void
forget(State *state)
{
    if (state->data) {
        explicit_bzero(state->data, state->room);
        g_free(state->data);
    }
    *state = (State){NULL, 0, 0};
}

static void
make_room(State *state, size_t room)
{
    state->data = g_malloc0(room + 1);
    state->room = room + 1;
}

static bool
decode_base64(State *state, const char *where, GError **error)
{
    gsize size;

    if (strlen(state->data) != state->size || vt_base64_size(state->data) < 0) {
        return vt_error_set(error, "%s: the content is not base64", where);
    }
    if (state->size) {
        g_base64_decode_inplace(state->data, &size);
        explicit_bzero(state->data + size, state->room - size);
        state->size = size;
    }
    return true;
}

static bool
decrypt(State *state, const VtSecretCommon *config, GError **error)
{
    VtSecretBytes key = vt_secret_get(config->keyid.target);
    g_autofree guchar *iv = NULL;
    gsize iv_size;
    size_t size;

    if (key.size != VT_AES_KEY_SIZE) {
        return vt_error_set(error, "keyid: '%s' has %zu bytes; expected %d", config->keyid.id, key.size,
                            VT_AES_KEY_SIZE);
    }
    iv = g_base64_decode(config->iv, &iv_size);
    g_assert(iv_size == VT_AES_BLOCK_SIZE);
    if (!vt_aes_decrypt(key.data, iv, state->data, state->size, &size, error)) {
        return false;
    }
    explicit_bzero(state->data + size, state->room - size);
    state->size = size;
    return true;
}

/* The file was read into a large buffer; the secret gets one of its own size. */
static void
shrink(State *state)
{
    State small = {NULL, state->size, 0};

    make_room(&small, state->size);
    memcpy(small.data, state->data, state->size);
    forget(state);
    *state = small;
}

bool
vt_secret_put(VtObject *object, char *data, size_t size, size_t room, const char *where, GError **error)
{
    State *state = vt_object_state(object, &vt_ops_secret_common);
    VtSecretCommon *config = vt_object_writable_config(object);

    *state = (State){data, size, room};
    if ((config->format == VT_Q_CRYPTO_SECRET_FORMAT_BASE64 && !decode_base64(state, where, error)) ||
        (config->keyid.target && !decrypt(state, config, error))) {
        forget(state);
        return false;
    }
    shrink(state);
    config->loaded = true;
    return true;
}

static void
unrealize(VtObject *object)
{
    VtSecretCommon *report = vt_object_writable_config(object);

    report->loaded = false;
    forget(vt_object_state(object, &vt_ops_secret_common));
}

/* ---- called by users ----------------------------------------------------------------------------------- */

VtSecretBytes
vt_secret_get(VtObject *secret)
{
    const State *state = vt_object_state(secret, &vt_ops_secret_common);

    vt_assert_main();
    g_assert(state->data);
    return (VtSecretBytes){state->data, state->size};
}

bool
vt_secret_lookup(const VtVm *vm, const char *id, VtSecretBytes *ret_bytes, GError **error)
{
    VtObject *object = vt_vm_find(vm, "object", id);

    if (!object) {
        return vt_error_set(error, "unknown secret '%s'", id);
    }
    if (!vt_object_is_a(object, "secret_common")) {
        return vt_error_set(error, "object '%s' is not a secret", id);
    }
    if (!vt_object_realized(object)) {
        return vt_error_set(error, "secret '%s' is not realized yet", id);
    }
    *ret_bytes = vt_secret_get(object);
    return true;
}

bool
vt_secret_lookup_text(const VtVm *vm, const char *id, const char **ret_text, GError **error)
{
    VtSecretBytes bytes;

    if (!vt_secret_lookup(vm, id, &bytes, error)) {
        return false;
    }
    /* Valid text does not contain a zero byte. */
    if (!g_utf8_validate(bytes.data, (gssize)bytes.size, NULL)) {
        return vt_error_set(error, "secret '%s' is not UTF-8", id);
    }
    *ret_text = bytes.data;
    return true;
}

const VtOps vt_ops_secret_common = {.state_size = sizeof(State), .validate = validate, .unrealize = unrealize};
