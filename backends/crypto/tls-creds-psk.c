/* SPDX-License-Identifier: MIT */
/*
 * tls-creds-psk: a server looks up the user of each client in the file; a client reads one key from it.
 */
#ifdef CONFIG_GNUTLS
#include "tls-creds.h"

#include <string.h>

#include "vt-runtime/error.h"

#define FILE_NAME "keys.psk"
#define USERNAME  "qemu"

#define KEY_DIGITS_MIN 8 /* GnuTLS accepts no shorter key from a client */

static void
psk_free(void *credentials, bool server)
{
    if (server) {
        vt_gnutls.psk_free_server_credentials(credentials);
    } else {
        vt_gnutls.psk_free_client_credentials(credentials);
    }
}

static const VtTlsKind psk = {GNUTLS_CRD_PSK, ":+ECDHE-PSK:+DHE-PSK:+PSK", psk_free};

/* Returns the value of the line "@username:KEY", borrowed from @file, which ends with a NUL. */
static bool
find_key(const gnutls_datum_t *file, const char *username, gnutls_datum_t *ret_key)
{
    const char *text = (const char *)file->data;
    size_t length = strlen(username);

    for (const char *line = text; line; line = strchr(line, '\n'), line += line != NULL) {
        if (!strncmp(line, username, length) && line[length] == ':') {
            const char *key = line + length + 1;

            *ret_key = (gnutls_datum_t){file->data + (key - text), (unsigned)strcspn(key, "\r\n")};
            return true;
        }
    }
    return false;
}

static bool
check_digits(const gnutls_datum_t *key)
{
    for (unsigned i = 0; i < key->size; i++) {
        if (!g_ascii_isxdigit(key->data[i])) {
            return false;
        }
    }
    return key->size && key->size % 2 == 0;
}

static bool
check_key(const gnutls_datum_t *key)
{
    return key->size >= KEY_DIGITS_MIN && check_digits(key);
}

static bool
make_client(VtObject *object, const gnutls_datum_t *file, gnutls_psk_client_credentials_t *ret, GError **error)
{
    const VtTlsCredsPsk *config = vt_object_config(object);
    const char *username = config->username ? config->username : USERNAME;
    g_autofree char *why = NULL;
    gnutls_datum_t key;
    int status;

    if (!find_key(file, username, &key)) {
        why = g_strdup_printf("no key for user '%s'", username);
        return vt_tls_file_error(object, FILE_NAME, why, error);
    }
    if (!check_key(&key)) {
        why = g_strdup_printf("the key of '%s' is invalid; expected an even number of hexadecimal digits, at least %d",
                              username, KEY_DIGITS_MIN);
        return vt_tls_file_error(object, FILE_NAME, why, error);
    }
    status = vt_gnutls.psk_allocate_client_credentials(ret);
    if (status < 0) {
        return vt_error_set(error, "%s", vt_gnutls_why(status));
    }
    status = vt_gnutls.psk_set_client_credentials(*ret, username, &key, GNUTLS_PSK_KEY_HEX);
    if (status < 0) {
        vt_gnutls.psk_free_client_credentials(*ret);
        return vt_tls_file_error(object, FILE_NAME, vt_gnutls_why(status), error);
    }
    return true;
}

/* Called by GnuTLS, which frees the key.  Returns 0, or 1 if there is no such user; GnuTLS does not report that to the
 * client. */
static int
find_client(gnutls_session_t session, const char *username, gnutls_datum_t *ret_key)
{
    g_auto(gnutls_datum_t) file = {NULL, 0};
    gnutls_datum_t key;

    /* Reads the file for each client, because users may have been added. */
    if (!vt_tls_creds_read(vt_gnutls.session_get_ptr(session), FILE_NAME, true, &file, NULL)) {
        return -1;
    }
    if (!find_key(&file, username, &key) || !check_digits(&key)) {
        return 1;
    }
    ret_key->size = key.size / 2;
    ret_key->data = (*vt_gnutls.malloc)(ret_key->size);
    if (!ret_key->data) {
        return -1;
    }
    for (size_t i = 0; i < ret_key->size; i++) {
        ret_key->data[i] = (unsigned char)(g_ascii_xdigit_value((char)key.data[2 * i]) << 4 |
                                           g_ascii_xdigit_value((char)key.data[2 * i + 1]));
    }
    return 0;
}

static bool
make_server(VtObject *object, gnutls_psk_server_credentials_t *ret, GError **error)
{
    gnutls_dh_params_t dh_params;
    int status;

    if (!vt_tls_creds_read_dh(object, &dh_params, error)) {
        return false;
    }
    status = vt_gnutls.psk_allocate_server_credentials(ret);
    if (status < 0) {
        return vt_error_set(error, "%s", vt_gnutls_why(status));
    }
    vt_gnutls.psk_set_server_credentials_function(*ret, find_client);
    if (dh_params) {
        vt_gnutls.psk_set_server_dh_params(*ret, dh_params);
    }
    return true;
}

static bool
realize(VtObject *object, GError **error)
{
    g_auto(gnutls_datum_t) file = {NULL, 0};
    gnutls_psk_server_credentials_t server = NULL;
    gnutls_psk_client_credentials_t client = NULL;

    if (!vt_tls_creds_read(object, FILE_NAME, true, &file, error)) {
        return false;
    }
    if (vt_tls_creds_is_server(object)) {
        return make_server(object, &server, error) && vt_tls_creds_open(object, &psk, server, error);
    }
    return make_client(object, &file, &client, error) && vt_tls_creds_open(object, &psk, client, error);
}

static bool
validate(VtObject *object, GError **error)
{
    const VtTlsCredsPsk *config = vt_object_config(object);

    if (!config->parent.dir) {
        return vt_error_set(error, "dir: required; expected the directory of the file '" FILE_NAME "'");
    }
    return !config->username || !vt_tls_creds_is_server(object) ||
           vt_error_set(error, "username: requires endpoint=client");
}

const VtOps vt_ops_tls_creds_psk = {.validate = validate, .realize = realize};
#endif
