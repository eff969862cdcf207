/* SPDX-License-Identifier: MIT */
/*
 * What all kinds of credentials have in common, and what a session needs of them.
 */
#pragma once

#include "tls-library.h"
#include "vt-gen/backends.h"
#include "vt-runtime/object.h"

/* What a kind of credentials is to GnuTLS. */
typedef struct VtTlsKind {
    gnutls_credentials_type_t type;
    const char *priority; /* what has to be added to the priorities: it is not among the normal ones; may be empty */
    void (*free)(void *credentials, bool server);
} VtTlsKind;

/* Of a realized object; constant as long as it is. */
typedef struct VtTlsLoaded {
    const VtTlsKind *kind;
    void *credentials;
    gnutls_priority_t priority;
} VtTlsLoaded;

const VtTlsLoaded *vt_tls_creds_get(VtObject *creds);
const VtTlsCreds *vt_tls_creds_config(VtObject *creds);
bool vt_tls_creds_is_server(VtObject *creds);

/* For a kind's realize, once it has made its credentials: takes them.  They go with the object. */
bool vt_tls_creds_open(VtObject *creds, const VtTlsKind *kind, void *credentials, GError **error);

/* The path of one of the files. */
char *vt_tls_creds_path(VtObject *creds, const char *name);
/* Its bytes, zero-terminated; vt_tls_file_clear() when they are no longer needed.  Without the file: an error where it
 * is @required, else no bytes.  Errors name the file. */
bool vt_tls_creds_read(VtObject *creds, const char *name, bool required, gnutls_datum_t *ret_file, GError **error);
/* Leaves no copy of a key behind. */
void vt_tls_file_clear(gnutls_datum_t *file);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(gnutls_datum_t, vt_tls_file_clear)

/* The Diffie-Hellman parameters of a server; NULL: there is no such file, and the protocol's own groups are taken. */
bool vt_tls_creds_read_dh(VtObject *creds, gnutls_dh_params_t *ret_params, GError **error);

/* Sets an error "dir: 'PATH': WHY"; false. */
bool vt_tls_file_error(VtObject *creds, const char *name, const char *why, GError **error);
