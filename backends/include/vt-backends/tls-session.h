/* SPDX-License-Identifier: MIT */
/*
 * Encrypted connections: a state machine over a non-blocking socket, so that it fits any main loop and any thread.  A
 * session is used by one thread at a time.
 */
#pragma once

#include <glib.h>

#include "vt-runtime/object.h"

typedef struct VtTlsSession VtTlsSession;

typedef enum VtTlsState { VT_TLS_DONE, VT_TLS_WANT_READ, VT_TLS_WANT_WRITE, VT_TLS_FAILED } VtTlsState;

/*
 * @creds: a realized tls-creds-* object, whose endpoint tells client or server; it outlives the session.  @hostname:
 * what a client expects to find in the peer's certificate; NULL where there is no certificate to look at (other
 * credentials, or verify-peer off).  @authz: NULL, or a realized authz-* object that a server asks about the client:
 * about the distinguished name of its certificate, or about the user whose key it has; it outlives the handshake.  @fd
 * is borrowed: non-blocking, connected.  NULL and @error where these do not fit together.
 */
VtTlsSession *vt_tls_session_new(VtObject *creds, const char *hostname, VtObject *authz, int fd, GError **error);
/* Says bye without waiting for an answer. */
void vt_tls_session_free(VtTlsSession *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VtTlsSession, vt_tls_session_free)

/* Again when @fd is ready as wanted.  Done: the peer is who it should be, and data may flow.  Failed: the peer was told
 * why, and nothing but free is left. */
VtTlsState vt_tls_session_handshake(VtTlsSession *self, GError **error);

/* 0: the peer has said that nothing more comes.  -1: G_FILE_ERROR_AGAIN until @fd is readable, or what went wrong. */
gssize vt_tls_session_read(VtTlsSession *self, void *buffer, gsize size, GError **error);
/* How many bytes were taken, at least one of @size, which is not 0.  -1: G_FILE_ERROR_AGAIN until @fd is writable, or
 * what went wrong; after the former the next write begins with the same bytes and has no fewer. */
gssize vt_tls_session_write(VtTlsSession *self, const void *buffer, gsize size, GError **error);
/* How many bytes a read would give although @fd does not become readable. */
gsize vt_tls_session_pending(VtTlsSession *self);
