/* SPDX-License-Identifier: MIT */
/*
 * TLS in a build without GnuTLS: credentials can be configured but not realized, so no session exists.
 */
#ifndef CONFIG_GNUTLS
#include "vt-backends/tls-session.h"
#include "vt-gen/backends.h"
#include "vt-runtime/error.h"

static bool
realize(VtObject *object, GError **error)
{
    (void)object;
    return vt_error_set(error, "this program was built without gnutls, which TLS requires");
}

const VtOps vt_ops_tls_creds = {.realize = realize};
const VtOps vt_ops_tls_creds_anon;
const VtOps vt_ops_tls_creds_psk;
const VtOps vt_ops_tls_creds_x509;

VtTlsSession *
vt_tls_session_new(VtObject *creds, const char *hostname, VtObject *authz, int fd, GError **error)
{
    (void)creds, (void)hostname, (void)authz, (void)fd, (void)error;
    g_assert_not_reached();
}

void
vt_tls_session_free(VtTlsSession *session)
{
    g_assert(!session);
}

VtTlsState
vt_tls_session_handshake(VtTlsSession *session, GError **error)
{
    (void)session, (void)error;
    g_assert_not_reached();
}

gssize
vt_tls_session_read(VtTlsSession *session, void *buffer, gsize size, GError **error)
{
    (void)session, (void)buffer, (void)size, (void)error;
    g_assert_not_reached();
}

gssize
vt_tls_session_write(VtTlsSession *session, const void *buffer, gsize size, GError **error)
{
    (void)session, (void)buffer, (void)size, (void)error;
    g_assert_not_reached();
}

gsize
vt_tls_session_pending(VtTlsSession *session)
{
    (void)session;
    g_assert_not_reached();
}
#endif
