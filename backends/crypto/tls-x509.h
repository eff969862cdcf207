/* SPDX-License-Identifier: MIT */
/*
 * Checks of certificates.
 */
#pragma once

#include <gnutls/x509.h>

#include "vt-runtime/object.h"

/* Describes the most severe error of a verification status (gnutls_certificate_status_t). */
const char *vt_tls_status_text(unsigned status);

/*
 * Checks whether a peer that trusts the authorities @ca would accept the certificate @cert (no data: none).  It must be
 * valid now, of the right type and issued by them, and they must be permitted to issue it.  @ca_name and @cert_name:
 * names of the files.
 */
bool vt_tls_x509_check(VtObject *creds, const char *ca_name, const gnutls_datum_t *ca, const char *cert_name,
                       const gnutls_datum_t *cert, GError **error);
