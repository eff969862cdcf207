/* SPDX-License-Identifier: MIT */
/*
 * Shared by the classes of credentials, and used by sessions.
 */
#pragma once

#include "tls-library.h"
#include "vt-gen/backends.h"
#include "vt-runtime/object.h"

/* What GnuTLS needs to know about a class of credentials. */
typedef struct VtTlsKind {
    gnutls_credentials_type_t type;
    const char *priority; /* suffix for the priority string; may be empty */
    void (*free)(void *credentials, bool server);
} VtTlsKind;

/* Of a realized object; constant while it is realized. */
typedef struct VtTlsLoaded {
    const VtTlsKind *kind;
    void *credentials;
    gnutls_priority_t priority;
} VtTlsLoaded;

const VtTlsLoaded *vt_tls_creds_get(VtObject *creds);
const VtTlsCreds *vt_tls_creds_config(VtObject *creds);
bool vt_tls_creds_is_server(VtObject *creds);

/* Call in the realize of a class.  Takes ownership of @credentials, which are freed with the object. */
bool vt_tls_creds_open(VtObject *creds, const VtTlsKind *kind, void *credentials, GError **error);

/* Returns the path of a file of the credentials. */
char *vt_tls_creds_path(VtObject *creds, const char *name);
/* Reads a file, zero-terminated.  Free it with vt_tls_file_clear().  A missing file is an error if @required; otherwise
 * the result is empty.  Errors name the file. */
bool vt_tls_creds_read(VtObject *creds, const char *name, bool required, gnutls_datum_t *ret_file, GError **error);
/* Wipes and frees the bytes of the file. */
void vt_tls_file_clear(gnutls_datum_t *file);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(gnutls_datum_t, vt_tls_file_clear)

/* Reads the Diffie-Hellman parameters of a server.  NULL: the file does not exist, and GnuTLS uses the groups of TLS.
 */
bool vt_tls_creds_read_dh(VtObject *creds, gnutls_dh_params_t *ret_params, GError **error);

/* Sets the error "dir: 'PATH': WHY" and returns false. */
bool vt_tls_file_error(VtObject *creds, const char *name, const char *why, GError **error);
