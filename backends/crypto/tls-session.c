/* SPDX-License-Identifier: MIT */
#ifdef CONFIG_GNUTLS
#include "vt-backends/tls-session.h"

#include <arpa/inet.h>
#include <string.h>

#include "tls-peer.h"
#include "vt-runtime/error.h"

struct VtTlsSession {
    VtObject *creds;
    gnutls_session_t session;
    VtTlsPeer peer;
    bool open; /* the handshake is done, and no error has occurred */
};

static bool
is_address(const char *hostname)
{
    unsigned char address[sizeof(struct in6_addr)];

    return inet_pton(AF_INET, hostname, address) == 1 || inet_pton(AF_INET6, hostname, address) == 1;
}

static int
set_up(VtTlsSession *self, const VtTlsLoaded *loaded, bool server, bool verify, int fd)
{
    int status =
        vt_gnutls.init(&self->session, (server ? GNUTLS_SERVER : GNUTLS_CLIENT) | GNUTLS_NONBLOCK | GNUTLS_NO_SIGNAL);

    if (status < 0) {
        self->session = NULL;
        return status;
    }
    status = vt_gnutls.priority_set(self->session, loaded->priority);
    if (status < 0) {
        return status;
    }
    status = vt_gnutls.credentials_set(self->session, loaded->kind->type, loaded->credentials);
    if (status < 0) {
        return status;
    }
    if (server && loaded->kind->type == GNUTLS_CRD_CERTIFICATE) {
        vt_gnutls.certificate_server_set_request(self->session, verify ? GNUTLS_CERT_REQUIRE : GNUTLS_CERT_IGNORE);
    }
    if (!server && self->peer.hostname && !is_address(self->peer.hostname)) {
        status =
            vt_gnutls.server_name_set(self->session, GNUTLS_NAME_DNS, self->peer.hostname, strlen(self->peer.hostname));
    }
    vt_gnutls.session_set_ptr(self->session, self->creds);
    vt_gnutls.transport_set_int2(self->session, fd, fd);
    return status;
}

VtTlsSession *
vt_tls_session_new(VtObject *creds, const char *hostname, VtObject *authz, int fd, GError **error)
{
    const VtTlsLoaded *loaded = vt_tls_creds_get(creds);
    g_autoptr(VtTlsSession) self = g_new0(VtTlsSession, 1);
    int status;

    if (!vt_tls_peer_init(&self->peer, creds, hostname, authz, error)) {
        return NULL;
    }
    self->creds = creds;
    status = set_up(self, loaded, vt_tls_creds_is_server(creds), vt_tls_creds_config(creds)->verify_peer, fd);
    if (status < 0) {
        vt_error_set(error, "credentials '%s': %s", vt_object_display(creds), vt_gnutls_why(status));
        return NULL;
    }
    return g_steal_pointer(&self);
}

void
vt_tls_session_free(VtTlsSession *self)
{
    if (!self) {
        return;
    }
    if (self->session) {
        if (self->open) {
            vt_gnutls.bye(self->session, GNUTLS_SHUT_WR);
        }
        vt_gnutls.deinit(self->session);
    }
    vt_tls_peer_clear(&self->peer);
    g_free(self);
}

/* ---- errors -------------------------------------------------------------------------------------------- */

/* No alert is sent to the peer after this. */
static bool
fail(VtTlsSession *self, int status, GError **error)
{
    self->open = false;
    switch (status) {
    case GNUTLS_E_FATAL_ALERT_RECEIVED:
    case GNUTLS_E_WARNING_ALERT_RECEIVED:
        return vt_error_set(error, "the peer sent an alert: %s",
                            vt_gnutls.alert_get_name(vt_gnutls.alert_get(self->session)));
    case GNUTLS_E_PREMATURE_TERMINATION:
        return vt_error_set(error, "the peer closed the connection without a TLS close notification");
    case GNUTLS_E_PULL_ERROR:
    case GNUTLS_E_PUSH_ERROR:
        return vt_error_set(error, "the connection was lost");
    case GNUTLS_E_UNEXPECTED_PACKET:
    case GNUTLS_E_UNEXPECTED_PACKET_LENGTH:
    case GNUTLS_E_UNSUPPORTED_VERSION_PACKET:
        return vt_error_set(error, "the peer does not use TLS");
    case GNUTLS_E_CERTIFICATE_REQUIRED:
    case GNUTLS_E_NO_CERTIFICATE_FOUND:
        return vt_error_set(error, "the peer sent no certificate");
    case GNUTLS_E_NO_CIPHER_SUITES:
    case GNUTLS_E_NO_COMMON_KEY_SHARE:
    case GNUTLS_E_INSUFFICIENT_CREDENTIALS:
        return vt_error_set(error, "the peer has no algorithm or type of credentials in common with '%s'",
                            self->peer.creds);
    case GNUTLS_E_DECRYPTION_FAILED:
    case GNUTLS_E_RECEIVED_ILLEGAL_PARAMETER:
        return vt_error_set(error, "the peer sent data that does not match the keys: %s", vt_gnutls_why(status));
    default:
        return vt_error_set(error, "%s", vt_gnutls_why(status));
    }
}

/* Handles a failed operation: returns -1 and sets @error. */
static gssize
not_done(VtTlsSession *self, gssize status, GError **error)
{
    if (status == GNUTLS_E_AGAIN) {
        g_set_error_literal(error, G_FILE_ERROR, G_FILE_ERROR_AGAIN, "the connection is not ready");
    } else {
        fail(self, (int)status, error);
    }
    return -1;
}

static bool
is_passing(gssize status)
{
    return status < 0 && status != GNUTLS_E_AGAIN && !vt_gnutls.error_is_fatal((int)status);
}

/* ---- handshake and data -------------------------------------------------------------------------------- */

VtTlsState
vt_tls_session_handshake(VtTlsSession *self, GError **error)
{
    gnutls_alert_description_t alert;
    int status;

    g_assert(!self->open);
    do {
        status = vt_gnutls.handshake(self->session);
    } while (is_passing(status));
    if (status == GNUTLS_E_AGAIN) {
        return vt_gnutls.record_get_direction(self->session) ? VT_TLS_WANT_WRITE : VT_TLS_WANT_READ;
    }
    if (status < 0) {
        fail(self, status, error);
        vt_gnutls.alert_send_appropriate(self->session, status);
        return VT_TLS_FAILED;
    }
    if (!vt_tls_peer_check(&self->peer, self->session, &alert, error)) {
        vt_gnutls.alert_send(self->session, GNUTLS_AL_FATAL, alert);
        return VT_TLS_FAILED;
    }
    self->open = true;
    return VT_TLS_DONE;
}

gssize
vt_tls_session_read(VtTlsSession *self, void *buffer, gsize size, GError **error)
{
    gssize status;

    do {
        status = vt_gnutls.record_recv(self->session, buffer, size);
    } while (is_passing(status));
    return status >= 0 ? status : not_done(self, status, error);
}

gssize
vt_tls_session_write(VtTlsSession *self, const void *buffer, gsize size, GError **error)
{
    gssize status;

    g_assert(size);
    do {
        status = vt_gnutls.record_send(self->session, buffer, size);
    } while (is_passing(status));
    g_assert(status <= (gssize)size);
    return status >= 0 ? status : not_done(self, status, error);
}

gsize
vt_tls_session_pending(VtTlsSession *self)
{
    return vt_gnutls.record_check_pending(self->session);
}
#endif
