/* SPDX-License-Identifier: MIT */
/*
 * Certificates: whether they serve, and what is wrong with those that do not.
 */
#pragma once

#include <gnutls/x509.h>

#include "vt-runtime/object.h"

/* What is wrong, of what a verification found (gnutls_certificate_status_t); the gravest where it is several things. */
const char *vt_tls_status_text(unsigned status);

/*
 * Whether a peer would take the certificate of @cert (no data: there is none) that the authorities of @ca stand for: it
 * is valid now, of the right kind and issued by them, and they may issue.  @ca_name and @cert_name: the files' names.
 */
bool vt_tls_x509_check(VtObject *creds, const char *ca_name, const gnutls_datum_t *ca, const char *cert_name,
                       const gnutls_datum_t *cert, GError **error);
