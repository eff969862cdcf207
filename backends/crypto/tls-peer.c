/* SPDX-License-Identifier: MIT */
#ifdef CONFIG_GNUTLS
#include "tls-peer.h"

#include "tls-x509.h"
#include "vt-backends/authz.h"
#include "vt-runtime/error.h"

typedef gnutls_x509_crt_t Cert;

static void
cert_clear(Cert *cert)
{
    if (*cert) {
        vt_gnutls.x509_crt_deinit(*cert);
    }
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Cert, cert_clear)

/* An option that has no effect is an error, because its user relies on it. */
bool
vt_tls_peer_init(VtTlsPeer *peer, VtObject *creds, const char *hostname, VtObject *authz, GError **error)
{
    const VtTlsCreds *config = vt_tls_creds_config(creds);
    const char *display = vt_object_display(creds);

    *peer = (VtTlsPeer){.type = vt_tls_creds_get(creds)->kind->type, .server = vt_tls_creds_is_server(creds)};
    peer->verify = config->verify_peer && peer->type == GNUTLS_CRD_CERTIFICATE;
    if (!peer->server && peer->verify && !hostname) {
        return vt_error_set(error, "credentials '%s' verify the server, which requires its host name", display);
    }
    if (authz && !peer->server) {
        return vt_error_set(error, "authz '%s' authorizes clients, but credentials '%s' have endpoint=client",
                            vt_object_display(authz), display);
    }
    if (authz && !peer->verify && peer->type != GNUTLS_CRD_PSK) {
        return vt_error_set(error, "credentials '%s' do not identify the client, which authz '%s' requires", display,
                            vt_object_display(authz));
    }
    peer->creds = g_strdup(display);
    peer->hostname = g_strdup(hostname);
    peer->authz = authz;
    return true;
}

void
vt_tls_peer_clear(VtTlsPeer *peer)
{
    g_clear_pointer(&peer->creds, g_free);
    g_clear_pointer(&peer->hostname, g_free);
}

static bool
is_allowed(const VtTlsPeer *peer, const char *identity, gnutls_alert_description_t *ret_alert, GError **error)
{
    *ret_alert = GNUTLS_A_ACCESS_DENIED;
    return !peer->authz || vt_authz_is_allowed(peer->authz, identity, error);
}

static char *
get_name(gnutls_x509_crt_t cert, GError **error)
{
    g_autofree char *name = NULL;
    size_t size = 0;
    int status = vt_gnutls.x509_crt_get_dn(cert, NULL, &size);

    if (status == GNUTLS_E_SHORT_MEMORY_BUFFER) {
        name = g_malloc0(size + 1);
        status = vt_gnutls.x509_crt_get_dn(cert, name, &size);
    }
    if (status < 0) {
        vt_error_set(error, "the peer's certificate has no name: %s", vt_gnutls_why(status));
        return NULL;
    }
    return g_steal_pointer(&name);
}

static gnutls_alert_description_t
alert_for(unsigned status)
{
    return status & GNUTLS_CERT_REVOKED            ? GNUTLS_A_CERTIFICATE_REVOKED
           : status & GNUTLS_CERT_SIGNER_NOT_FOUND ? GNUTLS_A_UNKNOWN_CA
           : status & GNUTLS_CERT_EXPIRED          ? GNUTLS_A_CERTIFICATE_EXPIRED
                                                   : GNUTLS_A_BAD_CERTIFICATE;
}

static bool
check_certificate(const VtTlsPeer *peer, gnutls_session_t session, gnutls_alert_description_t *ret_alert,
                  GError **error)
{
    g_auto(Cert) cert = NULL;
    g_autofree char *name = NULL;
    const gnutls_datum_t *certs;
    unsigned found, n;
    int status = vt_gnutls.certificate_verify_peers2(session, &found);

    *ret_alert = GNUTLS_A_BAD_CERTIFICATE;
    if (status < 0) {
        return vt_error_set(error, "the peer's certificate cannot be verified: %s", vt_gnutls_why(status));
    }
    if (found) {
        *ret_alert = alert_for(found);
        return vt_error_set(error, "the peer's certificate is rejected: %s", vt_tls_status_text(found));
    }
    certs = vt_gnutls.certificate_get_peers(session, &n);
    status = certs ? vt_gnutls.x509_crt_init(&cert) : GNUTLS_E_NO_CERTIFICATE_FOUND;
    if (status >= 0) {
        status = vt_gnutls.x509_crt_import(cert, certs, GNUTLS_X509_FMT_DER);
    }
    if (status < 0) {
        return vt_error_set(error, "the peer's certificate cannot be read: %s", vt_gnutls_why(status));
    }
    name = get_name(cert, error);
    if (!name) {
        return false;
    }
    if (peer->hostname && !vt_gnutls.x509_crt_check_hostname(cert, peer->hostname)) {
        return vt_error_set(error, "the peer's certificate is for '%s', not for host '%s'", name, peer->hostname);
    }
    return is_allowed(peer, name, ret_alert, error);
}

bool
vt_tls_peer_check(const VtTlsPeer *peer, gnutls_session_t session, gnutls_alert_description_t *ret_alert,
                  GError **error)
{
    if (peer->verify) {
        return check_certificate(peer, session, ret_alert, error);
    }
    return !peer->authz || is_allowed(peer, vt_gnutls.psk_server_get_username(session), ret_alert, error);
}
#endif
