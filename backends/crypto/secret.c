/* SPDX-License-Identifier: MIT */
/*
 * Secrets: a value in one place, given as it is or encrypted with another secret.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "aes.h"
#include "vt-backends/secret.h"
#include "vt-gen/backends.h"
#include "vt-runtime/error.h"

#define GROUP     4 /* characters of base64 that stand for three bytes */
#define FILE_SIZE ((size_t)1 << 20)

typedef struct State {
    char *data; /* NULL: not realized; followed by a 0 */
    size_t size, room;
} State;

const VtOps vt_ops_secret;

/* ---- rules --------------------------------------------------------------------------------------------- */

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
    return size == VT_AES_BLOCK_SIZE ||
           vt_error_set(error, "iv: it has %" G_GSSIZE_FORMAT " bytes, not %d", size, VT_AES_BLOCK_SIZE);
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

/* ---- the bytes ----------------------------------------------------------------------------------------- */

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

/* What is there when it is opened; a pipe is read to its end.  No buffer of a library keeps a copy. */
static bool
read_file(State *state, const char *path, GError **error)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t size = 0;

    if (fd < 0) {
        return vt_error_set(error, "file: '%s': %s", path, g_strerror(errno));
    }
    make_room(state, FILE_SIZE + 1);
    do {
        state->size += (size_t)size;
        size = read(fd, state->data + state->size, FILE_SIZE + 1 - state->size);
    } while (size > 0 || (size < 0 && errno == EINTR && (size = 0) == 0));
    if (size < 0) {
        vt_error_set(error, "file: '%s': %s", path, g_strerror(errno));
    } else if (state->size > FILE_SIZE) {
        size = -1;
        vt_error_set(error, "file: '%s' has more than %zu bytes", path, FILE_SIZE);
    }
    close(fd);
    return size == 0;
}

static bool
decode_base64(State *state, GError **error)
{
    gsize size;

    if (strlen(state->data) != state->size || base64_size(state->data) < 0) {
        return vt_error_set(error, "file: what it holds is not base64");
    }
    if (state->size) {
        g_base64_decode_inplace(state->data, &size);
        explicit_bzero(state->data + size, state->room - size);
        state->size = size;
    }
    return true;
}

static bool
decrypt(State *state, const VtSecret *config, GError **error)
{
    VtSecretBytes key = vt_secret_get(config->keyid.target);
    g_autofree guchar *iv = NULL;
    gsize iv_size;
    size_t size;

    if (key.size != VT_AES_KEY_SIZE) {
        return vt_error_set(error, "keyid: '%s' has %zu bytes, not %d", config->keyid.id, key.size, VT_AES_KEY_SIZE);
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

/* A large buffer served for reading a file: the secret gets one of its own size. */
static void
shrink(State *state)
{
    State small = {NULL, state->size, 0};

    make_room(&small, state->size);
    memcpy(small.data, state->data, state->size);
    forget(state);
    *state = small;
}

static bool
load(State *state, const VtSecret *config, GError **error)
{
    if (config->file) {
        if (!read_file(state, config->file, error)) {
            return false;
        }
    } else {
        state->size = strlen(config->data);
        make_room(state, state->size);
        memcpy(state->data, config->data, state->size);
    }
    if (config->format == VT_Q_CRYPTO_SECRET_FORMAT_BASE64 && !decode_base64(state, error)) {
        return false;
    }
    return !config->keyid.target || decrypt(state, config, error);
}

static bool
realize(VtObject *object, GError **error)
{
    State *state = vt_object_state(object, &vt_ops_secret);

    if (!load(state, vt_object_config(object), error)) {
        forget(state);
        return false;
    }
    shrink(state);
    return true;
}

static void
unrealize(VtObject *object)
{
    forget(vt_object_state(object, &vt_ops_secret));
}

/* ---- for users ----------------------------------------------------------------------------------------- */

VtSecretBytes
vt_secret_get(VtObject *secret)
{
    const State *state = vt_object_state(secret, &vt_ops_secret);

    vt_assert_main();
    g_assert(state->data);
    return (VtSecretBytes){state->data, state->size};
}

bool
vt_secret_lookup(const VtVm *vm, const char *id, VtSecretBytes *ret_bytes, GError **error)
{
    VtObject *object = vt_vm_find(vm, "object", id);

    if (!object) {
        return vt_error_set(error, "there is no secret '%s'", id);
    }
    if (!vt_object_is_a(object, "secret")) {
        return vt_error_set(error, "object '%s' is no secret", id);
    }
    if (!vt_object_realized(object)) {
        return vt_error_set(error, "secret '%s' is not there yet", id);
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
    /* A zero is no part of valid text either. */
    if (!g_utf8_validate(bytes.data, (gssize)bytes.size, NULL)) {
        return vt_error_set(error, "secret '%s' is not UTF-8", id);
    }
    *ret_text = bytes.data;
    return true;
}

const VtOps vt_ops_secret = {
    .state_size = sizeof(State),
    .validate = validate,
    .realize = realize,
    .unrealize = unrealize,
};
