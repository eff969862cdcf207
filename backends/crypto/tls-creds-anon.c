/* SPDX-License-Identifier: MIT */
#ifdef CONFIG_GNUTLS
#include "tls-creds.h"
#include "vt-runtime/error.h"

static void
anon_free(void *credentials, bool server)
{
    if (server) {
        vt_gnutls.anon_free_server_credentials(credentials);
    } else {
        vt_gnutls.anon_free_client_credentials(credentials);
    }
}

static const VtTlsKind anon = {GNUTLS_CRD_ANON, ":+ANON-ECDH:+ANON-DH", anon_free};

static bool
realize(VtObject *object, GError **error)
{
    bool server = vt_tls_creds_is_server(object);
    gnutls_anon_server_credentials_t for_server = NULL;
    gnutls_anon_client_credentials_t for_client = NULL;
    gnutls_dh_params_t dh_params;
    int status;

    if (!vt_tls_creds_read_dh(object, &dh_params, error)) {
        return false;
    }
    status = server ? vt_gnutls.anon_allocate_server_credentials(&for_server)
                    : vt_gnutls.anon_allocate_client_credentials(&for_client);
    if (status < 0) {
        return vt_error_set(error, "%s", vt_gnutls_why(status));
    }
    if (dh_params) {
        vt_gnutls.anon_set_server_dh_params(for_server, dh_params);
    }
    return vt_tls_creds_open(object, &anon, server ? (void *)for_server : (void *)for_client, error);
}

const VtOps vt_ops_tls_creds_anon = {.realize = realize};
#endif
