/* SPDX-License-Identifier: MIT */
/*
 * tls-creds: files, priorities, and the host resources of a realized object.
 */
#ifdef CONFIG_GNUTLS
#include "tls-creds.h"

#include <errno.h>
#include <string.h>

#include "vt-runtime/error.h"
#include "vt-runtime/open-file.h"

#define NORMAL   "NORMAL"
#define FILE_MAX ((size_t)16 << 20)

typedef struct State {
    VtTlsLoaded loaded;
    gnutls_dh_params_t dh_params; /* NULL: none; the credentials refer to them */
} State;

const VtTlsLoaded *
vt_tls_creds_get(VtObject *creds)
{
    const State *state = vt_object_state(creds, &vt_ops_tls_creds);

    g_assert(state->loaded.credentials);
    return &state->loaded;
}

const VtTlsCreds *
vt_tls_creds_config(VtObject *creds)
{
    /* The config of each subclass begins with the config of its parent. */
    return vt_object_config(creds);
}

bool
vt_tls_creds_is_server(VtObject *creds)
{
    return vt_tls_creds_config(creds)->endpoint == VT_Q_CRYPTO_TLS_CREDS_ENDPOINT_SERVER;
}

/* ---- files --------------------------------------------------------------------------------------------- */

char *
vt_tls_creds_path(VtObject *creds, const char *name)
{
    return g_build_filename(vt_tls_creds_config(creds)->dir, name, NULL);
}

bool
vt_tls_file_error(VtObject *creds, const char *name, const char *why, GError **error)
{
    g_autofree char *path = vt_tls_creds_path(creds, name);

    return vt_error_set(error, "dir: '%s': %s", path, why);
}

bool
vt_tls_creds_read(VtObject *creds, const char *name, bool required, gnutls_datum_t *ret_file, GError **error)
{
    g_autofree char *path = vt_tls_creds_path(creds, name);
    const char *why;
    size_t size;
    char *text;

    text = vt_file_read(path, FILE_MAX, &size, &why);
    if (text) {
        *ret_file = (gnutls_datum_t){(unsigned char *)text, (unsigned)size};
        return true;
    }
    if (!required && errno == ENOENT) {
        *ret_file = (gnutls_datum_t){NULL, 0};
        return true;
    }
    return vt_tls_file_error(creds, name, why, error);
}

void
vt_tls_file_clear(gnutls_datum_t *file)
{
    if (file->data) {
        explicit_bzero(file->data, file->size);
        g_free(file->data);
    }
    *file = (gnutls_datum_t){NULL, 0};
}

bool
vt_tls_creds_read_dh(VtObject *creds, gnutls_dh_params_t *ret_params, GError **error)
{
    static const char name[] = "dh-params.pem";
    State *state = vt_object_state(creds, &vt_ops_tls_creds);
    g_auto(gnutls_datum_t) file = {NULL, 0};
    int status;

    *ret_params = NULL;
    if (!vt_tls_creds_config(creds)->dir || !vt_tls_creds_is_server(creds)) {
        return true;
    }
    if (!vt_tls_creds_read(creds, name, false, &file, error)) {
        return false;
    }
    if (!file.data) {
        return true;
    }
    status = vt_gnutls.dh_params_init(&state->dh_params);
    if (status >= 0) {
        status = vt_gnutls.dh_params_import_pkcs3(state->dh_params, &file, GNUTLS_X509_FMT_PEM);
    }
    if (status < 0) {
        return vt_tls_file_error(creds, name, vt_gnutls_why(status), error);
    }
    *ret_params = state->dh_params;
    return true;
}

/* ---- realize and unrealize ----------------------------------------------------------------------------- */

static bool
realize(VtObject *object, GError **error)
{
    (void)object;
    return vt_gnutls_load(error);
}

static bool
make_priority(State *state, const char *given, GError **error)
{
    g_autofree char *text = g_strconcat(given ? given : NORMAL, state->loaded.kind->priority, NULL);
    const char *wrong = NULL;
    int status = vt_gnutls.priority_init(&state->loaded.priority, text, &wrong);

    if (status == GNUTLS_E_INVALID_REQUEST && wrong) {
        return vt_error_set(error, "priority: '%s' is invalid from '%.20s' on", given ? given : NORMAL, wrong);
    }
    return status >= 0 || vt_error_set(error, "priority: '%s': %s", given, vt_gnutls_why(status));
}

static void
unrealize(VtObject *object)
{
    State *state = vt_object_state(object, &vt_ops_tls_creds);
    VtTlsCreds *report = vt_object_writable_config(object);

    report->loaded = false;
    if (state->loaded.priority) {
        vt_gnutls.priority_deinit(state->loaded.priority);
    }
    if (state->loaded.credentials) {
        state->loaded.kind->free(state->loaded.credentials, vt_tls_creds_is_server(object));
    }
    if (state->dh_params) {
        vt_gnutls.dh_params_deinit(state->dh_params);
    }
    *state = (State){0};
}

bool
vt_tls_creds_open(VtObject *creds, const VtTlsKind *kind, void *credentials, GError **error)
{
    State *state = vt_object_state(creds, &vt_ops_tls_creds);
    VtTlsCreds *report = vt_object_writable_config(creds);

    state->loaded = (VtTlsLoaded){.kind = kind, .credentials = credentials};
    report->loaded = make_priority(state, report->priority, error);
    return report->loaded;
}

const VtOps vt_ops_tls_creds = {.state_size = sizeof(State), .realize = realize, .unrealize = unrealize};
#endif
