/* SPDX-License-Identifier: MIT */
#ifdef CONFIG_GNUTLS
#include "tls-creds.h"
#include "tls-x509.h"
#include "vt-backends/secret.h"
#include "vt-runtime/error.h"

#define CA_CERT "ca-cert.pem"
#define CA_CRL  "ca-crl.pem"

/* Index: endpoint. */
static const char *const cert_names[] = {"client-cert.pem", "server-cert.pem"};
static const char *const key_names[] = {"client-key.pem", "server-key.pem"};

static void
x509_free(void *credentials, bool server)
{
    (void)server;
    vt_gnutls.certificate_free_credentials(credentials);
}

static const VtTlsKind x509 = {GNUTLS_CRD_CERTIFICATE, "", x509_free};

static bool
load_authorities(VtObject *object, gnutls_certificate_credentials_t credentials, const gnutls_datum_t *file,
                 GError **error)
{
    g_auto(gnutls_datum_t) crl = {NULL, 0};
    int status = vt_gnutls.certificate_set_x509_trust_mem(credentials, file, GNUTLS_X509_FMT_PEM);

    if (status <= 0) {
        return vt_tls_file_error(object, CA_CERT, status ? vt_gnutls_why(status) : "the file contains no certificate",
                                 error);
    }
    if (!vt_tls_creds_read(object, CA_CRL, false, &crl, error)) {
        return false;
    }
    if (crl.data) {
        status = vt_gnutls.certificate_set_x509_crl_mem(credentials, &crl, GNUTLS_X509_FMT_PEM);
        if (status <= 0) {
            return vt_tls_file_error(object, CA_CRL,
                                     status ? vt_gnutls_why(status) : "the file contains no revocation list", error);
        }
    }
    return true;
}

static const char *
key_trouble(int status, bool with_password)
{
    switch (status) {
    case GNUTLS_E_DECRYPTION_FAILED:
        return with_password ? "the password of passwordid is wrong" : "the key is encrypted; passwordid is required";
    case GNUTLS_E_CERTIFICATE_KEY_MISMATCH:
        return "the key does not match the certificate";
    case GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE:
        return "the file contains no key";
    default:
        return vt_gnutls_why(status);
    }
}

static bool
load_key(VtObject *object, gnutls_certificate_credentials_t credentials, const gnutls_datum_t *cert, GError **error)
{
    const VtTlsCredsX509 *config = vt_object_config(object);
    const char *name = key_names[vt_tls_creds_is_server(object)];
    g_auto(gnutls_datum_t) key = {NULL, 0};
    const char *password = NULL;
    int status;

    if (!vt_tls_creds_read(object, name, true, &key, error)) {
        return false;
    }
    if (config->passwordid.target) {
        password = vt_secret_get(config->passwordid.target).data;
    }
    status = vt_gnutls.certificate_set_x509_key_mem2(credentials, cert, &key, GNUTLS_X509_FMT_PEM, password, 0);
    return status >= 0 || vt_tls_file_error(object, name, key_trouble(status, password != NULL), error);
}

static bool
load(VtObject *object, gnutls_certificate_credentials_t credentials, GError **error)
{
    const VtTlsCredsX509 *config = vt_object_config(object);
    bool server = vt_tls_creds_is_server(object);
    g_auto(gnutls_datum_t) ca = {NULL, 0}, cert = {NULL, 0};
    gnutls_dh_params_t dh_params;

    if (!vt_tls_creds_read(object, CA_CERT, true, &ca, error) ||
        !vt_tls_creds_read(object, cert_names[server], server, &cert, error)) {
        return false;
    }
    if (config->sanity_check && !vt_tls_x509_check(object, CA_CERT, &ca, cert_names[server], &cert, error)) {
        return false;
    }
    if (!load_authorities(object, credentials, &ca, error) ||
        (cert.data && !load_key(object, credentials, &cert, error)) ||
        !vt_tls_creds_read_dh(object, &dh_params, error)) {
        return false;
    }
    if (dh_params) {
        vt_gnutls.certificate_set_dh_params(credentials, dh_params);
    }
    return true;
}

static bool
realize(VtObject *object, GError **error)
{
    gnutls_certificate_credentials_t credentials;
    int status = vt_gnutls.certificate_allocate_credentials(&credentials);

    if (status < 0) {
        return vt_error_set(error, "%s", vt_gnutls_why(status));
    }
    if (!load(object, credentials, error)) {
        vt_gnutls.certificate_free_credentials(credentials);
        return false;
    }
    return vt_tls_creds_open(object, &x509, credentials, error);
}

static bool
validate(VtObject *object, GError **error)
{
    return vt_tls_creds_config(object)->dir ||
           vt_error_set(error, "dir: required; expected the directory of the certificates");
}

const VtOps vt_ops_tls_creds_x509 = {.validate = validate, .realize = realize};
#endif
