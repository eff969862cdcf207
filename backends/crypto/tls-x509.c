/* SPDX-License-Identifier: MIT */
#ifdef CONFIG_GNUTLS
#include "tls-x509.h"

#include <string.h>
#include <time.h>

#include "tls-creds.h"
#include "vt-runtime/error.h"

#define OID_SIZE 128

/* All certificates of a file. */
typedef struct Certs {
    gnutls_x509_crt_t *v;
    unsigned n;
} Certs;

static void
certs_clear(Certs *certs)
{
    for (unsigned i = 0; i < certs->n; i++) {
        vt_gnutls.x509_crt_deinit(certs->v[i]);
    }
    if (certs->v) {
        (*vt_gnutls.free)(certs->v);
    }
    *certs = (Certs){NULL, 0};
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Certs, certs_clear)

const char *
vt_tls_status_text(unsigned status)
{
    static const struct {
        unsigned flag;
        const char *text;
    } texts[] = {
        {GNUTLS_CERT_REVOKED, "the certificate was revoked"},
        {GNUTLS_CERT_SIGNER_NOT_FOUND, "the issuer is unknown"},
        {GNUTLS_CERT_SIGNER_NOT_CA, "the issuer is not an authority"},
        {GNUTLS_CERT_SIGNER_CONSTRAINTS_FAILURE, "the issuer may not issue this certificate"},
        {GNUTLS_CERT_NOT_ACTIVATED, "the certificate is not valid yet"},
        {GNUTLS_CERT_EXPIRED, "the certificate has expired"},
        {GNUTLS_CERT_SIGNATURE_FAILURE, "the signature is invalid"},
        {GNUTLS_CERT_INSECURE_ALGORITHM, "the signature algorithm is insecure"},
        {GNUTLS_CERT_REVOCATION_DATA_SUPERSEDED, "the revocation list has expired"},
        {GNUTLS_CERT_REVOCATION_DATA_ISSUED_IN_FUTURE, "the revocation list is not valid yet"},
        {GNUTLS_CERT_UNEXPECTED_OWNER, "the owner is not the expected one"},
        {GNUTLS_CERT_PURPOSE_MISMATCH, "the purpose is not the expected one"},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
        if (status & texts[i].flag) {
            return texts[i].text;
        }
    }
    return "the certificate is invalid";
}

/* ---- checks of one certificate: the error, or NULL ----------------------------------------------------- */

static const char *
check_times(gnutls_x509_crt_t cert)
{
    time_t now = time(NULL);

    if (vt_gnutls.x509_crt_get_expiration_time(cert) < now) {
        return vt_tls_status_text(GNUTLS_CERT_EXPIRED);
    }
    return vt_gnutls.x509_crt_get_activation_time(cert) > now ? vt_tls_status_text(GNUTLS_CERT_NOT_ACTIVATED) : NULL;
}

static const char *
check_constraints(gnutls_x509_crt_t cert, bool authority)
{
    unsigned critical, is_authority;
    int status = vt_gnutls.x509_crt_get_basic_constraints(cert, &critical, &is_authority, NULL);

    if (status == GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE) {
        return authority ? "the certificate has no basic constraints; expected an authority" : NULL;
    }
    if (status < 0) {
        return vt_gnutls_why(status);
    }
    if (authority && !is_authority) {
        return "the certificate is not an authority";
    }
    return !authority && is_authority ? "the certificate is an authority; expected an end entity" : NULL;
}

static const char *
check_usage(gnutls_x509_crt_t cert, bool authority)
{
    unsigned usage, critical;
    int status = vt_gnutls.x509_crt_get_key_usage(cert, &usage, &critical);

    if (status == GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE || (status >= 0 && !critical)) {
        return NULL; /* peers accept it */
    }
    if (status < 0) {
        return vt_gnutls_why(status);
    }
    if (authority) {
        return usage & GNUTLS_KEY_KEY_CERT_SIGN ? NULL : "the key usage does not permit signing certificates";
    }
    return usage & (GNUTLS_KEY_DIGITAL_SIGNATURE | GNUTLS_KEY_KEY_ENCIPHERMENT)
               ? NULL
               : "the key usage permits neither digital signatures nor key encipherment";
}

/* The purposes bind only if the extension is critical. */
static const char *
check_purpose(gnutls_x509_crt_t cert, bool server)
{
    const char *wanted = server ? GNUTLS_KP_TLS_WWW_SERVER : GNUTLS_KP_TLS_WWW_CLIENT;
    bool binding = false;

    for (unsigned i = 0;; i++) {
        char oid[OID_SIZE] = "";
        size_t size = sizeof oid;
        unsigned critical = 0;
        int status = vt_gnutls.x509_crt_get_key_purpose_oid(cert, i, oid, &size, &critical);

        if (status == GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE) {
            break;
        }
        if (status < 0 && status != GNUTLS_E_SHORT_MEMORY_BUFFER) {
            return vt_gnutls_why(status);
        }
        if (!strcmp(oid, wanted) || !strcmp(oid, GNUTLS_KP_ANY)) {
            return NULL;
        }
        binding = binding || critical;
    }
    if (!binding) {
        return NULL;
    }
    return server ? "the extended key usage does not include TLS server authentication"
                  : "the extended key usage does not include TLS client authentication";
}

static const char *
check_authority(gnutls_x509_crt_t cert)
{
    const char *why = check_times(cert);

    why = why ? why : check_constraints(cert, true);
    return why ? why : check_usage(cert, true);
}

static const char *
check_own(gnutls_x509_crt_t cert, bool server)
{
    const char *why = check_times(cert);

    why = why ? why : check_constraints(cert, false);
    why = why ? why : check_usage(cert, false);
    return why ? why : check_purpose(cert, server);
}

/* ---- checks of all certificates ------------------------------------------------------------------------ */

static bool
parse(VtObject *creds, const char *name, const gnutls_datum_t *file, Certs *ret_certs, GError **error)
{
    int status = vt_gnutls.x509_crt_list_import2(&ret_certs->v, &ret_certs->n, file, GNUTLS_X509_FMT_PEM, 0);

    if (status < 0) {
        *ret_certs = (Certs){NULL, 0};
        return vt_tls_file_error(creds, name,
                                 status == GNUTLS_E_NO_CERTIFICATE_FOUND ? "the file contains no certificate"
                                                                         : vt_gnutls_why(status),
                                 error);
    }
    return true;
}

static gnutls_x509_crt_t
find_issuer(const Certs *certs, gnutls_x509_crt_t cert)
{
    for (unsigned i = 0; i < certs->n; i++) {
        if (certs->v[i] != cert && vt_gnutls.x509_crt_check_issuer(cert, certs->v[i])) {
            return certs->v[i];
        }
    }
    return NULL;
}

/* The file may contain unrelated authorities; only those in the certificate's chain are checked. */
static const char *
check_issuers(const Certs *authorities, gnutls_x509_crt_t cert)
{
    for (unsigned i = 0; i < authorities->n && (cert = find_issuer(authorities, cert)); i++) {
        const char *why = check_authority(cert);

        if (why) {
            return why;
        }
    }
    return NULL;
}

static const char *
check_all(const Certs *authorities)
{
    for (unsigned i = 0; i < authorities->n; i++) {
        const char *why = check_authority(authorities->v[i]);

        if (why) {
            return why;
        }
    }
    return NULL;
}

/* The certificate comes first in its file, followed by the intermediate authorities. */
static const char *
check_chain(const Certs *authorities, const Certs *certs)
{
    unsigned status;
    int done = vt_gnutls.x509_crt_list_verify(certs->v, certs->n, authorities->v, authorities->n, NULL, 0, 0, &status);

    if (done < 0) {
        return vt_gnutls_why(done);
    }
    return status ? vt_tls_status_text(status) : NULL;
}

bool
vt_tls_x509_check(VtObject *creds, const char *ca_name, const gnutls_datum_t *ca, const char *cert_name,
                  const gnutls_datum_t *cert, GError **error)
{
    g_auto(Certs) authorities = {NULL, 0}, certs = {NULL, 0};
    const char *why;

    if (!parse(creds, ca_name, ca, &authorities, error) ||
        (cert->data && !parse(creds, cert_name, cert, &certs, error))) {
        return false;
    }
    why = certs.n ? check_issuers(&authorities, certs.v[certs.n - 1]) : check_all(&authorities);
    if (why) {
        return vt_tls_file_error(creds, ca_name, why, error);
    }
    why = certs.n ? check_own(certs.v[0], vt_tls_creds_is_server(creds)) : NULL;
    for (unsigned i = 1; i < certs.n && !why; i++) {
        why = check_authority(certs.v[i]);
    }
    why = why || !certs.n ? why : check_chain(&authorities, &certs);
    return !why || vt_tls_file_error(creds, cert_name, why, error);
}
#endif
