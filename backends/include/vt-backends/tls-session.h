/* SPDX-License-Identifier: MIT */
/*
 * TLS sessions: a state machine on a non-blocking socket, for any main loop.  One thread at a time uses a session.
 */
#pragma once

#include <glib.h>

#include "vt-runtime/object.h"

typedef struct VtTlsSession VtTlsSession;

typedef enum VtTlsState { VT_TLS_DONE, VT_TLS_WANT_READ, VT_TLS_WANT_WRITE, VT_TLS_FAILED } VtTlsState;

/*
 * Creates a session on the connected, non-blocking socket @fd, which is borrowed.
 *
 * @creds: a realized tls-creds-* object, whose endpoint selects client or server.  It must outlive the session.
 *
 * @hostname: the name that a client expects in the certificate of the server.  NULL if there is no certificate to
 * verify (other credentials, or verify-peer=off).
 *
 * @authz: NULL, or a realized authz-* object.  A server uses it to authorize the distinguished name of the client's
 * certificate, or the user name of its pre-shared key.  It must outlive the handshake.
 *
 * Returns NULL and @error if the parameters do not match.
 */
VtTlsSession *vt_tls_session_new(VtObject *creds, const char *hostname, VtObject *authz, int fd, GError **error);
/* Sends a close notification without waiting for the reply. */
void vt_tls_session_free(VtTlsSession *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VtTlsSession, vt_tls_session_free)

/* Continues the handshake; call it again when the socket is ready.  Done: the peer is verified.  Failed: the peer has
 * received an alert, and the session can only be freed. */
VtTlsState vt_tls_session_handshake(VtTlsSession *self, GError **error);

/* Returns the size read, or 0 if the peer has closed the session.  -1: an error, or G_FILE_ERROR_AGAIN until the socket
 * is readable. */
gssize vt_tls_session_read(VtTlsSession *self, void *buffer, gsize size, GError **error);
/* Returns how many bytes were accepted, at least one; @size is not 0.  -1: an error, or G_FILE_ERROR_AGAIN until the
 * socket is writable.  In the latter case, repeat the write with the same bytes, or more. */
gssize vt_tls_session_write(VtTlsSession *self, const void *buffer, gsize size, GError **error);
/* Returns how many bytes can be read although the socket is not readable. */
gsize vt_tls_session_pending(VtTlsSession *self);
