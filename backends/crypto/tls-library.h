/* SPDX-License-Identifier: MIT */
/*
 * GnuTLS, loaded with the first credentials: vt_gnutls.NAME() is gnutls_NAME().
 */
#pragma once

#include <gnutls/gnutls.h>
#include <gnutls/x509.h>

#include "vt-runtime/library.h"

#define VT_GNUTLS_FUNCTIONS(F)                                                                                         \
    F(alert_get)                                                                                                       \
    F(alert_get_name)                                                                                                  \
    F(alert_send)                                                                                                      \
    F(alert_send_appropriate)                                                                                          \
    F(anon_allocate_client_credentials)                                                                                \
    F(anon_allocate_server_credentials)                                                                                \
    F(anon_free_client_credentials)                                                                                    \
    F(anon_free_server_credentials)                                                                                    \
    F(anon_set_server_dh_params)                                                                                       \
    F(bye)                                                                                                             \
    F(certificate_allocate_credentials)                                                                                \
    F(certificate_free_credentials)                                                                                    \
    F(certificate_get_peers)                                                                                           \
    F(certificate_server_set_request)                                                                                  \
    F(certificate_set_dh_params)                                                                                       \
    F(certificate_set_x509_crl_mem)                                                                                    \
    F(certificate_set_x509_key_mem2)                                                                                   \
    F(certificate_set_x509_trust_mem)                                                                                  \
    F(certificate_verify_peers2)                                                                                       \
    F(credentials_set)                                                                                                 \
    F(deinit)                                                                                                          \
    F(dh_params_deinit)                                                                                                \
    F(dh_params_import_pkcs3)                                                                                          \
    F(dh_params_init)                                                                                                  \
    F(error_is_fatal)                                                                                                  \
    F(free)                                                                                                            \
    F(handshake)                                                                                                       \
    F(init)                                                                                                            \
    F(malloc)                                                                                                          \
    F(priority_deinit)                                                                                                 \
    F(priority_init)                                                                                                   \
    F(priority_set)                                                                                                    \
    F(psk_allocate_client_credentials)                                                                                 \
    F(psk_allocate_server_credentials)                                                                                 \
    F(psk_free_client_credentials)                                                                                     \
    F(psk_free_server_credentials)                                                                                     \
    F(psk_server_get_username)                                                                                         \
    F(psk_set_client_credentials)                                                                                      \
    F(psk_set_server_credentials_function)                                                                             \
    F(psk_set_server_dh_params)                                                                                        \
    F(record_check_pending)                                                                                            \
    F(record_get_direction)                                                                                            \
    F(record_recv)                                                                                                     \
    F(record_send)                                                                                                     \
    F(server_name_set)                                                                                                 \
    F(session_get_ptr)                                                                                                 \
    F(session_set_ptr)                                                                                                 \
    F(strerror)                                                                                                        \
    F(transport_set_int2)                                                                                              \
    F(x509_crt_check_hostname)                                                                                         \
    F(x509_crt_check_issuer)                                                                                           \
    F(x509_crt_deinit)                                                                                                 \
    F(x509_crt_get_activation_time)                                                                                    \
    F(x509_crt_get_basic_constraints)                                                                                  \
    F(x509_crt_get_dn)                                                                                                 \
    F(x509_crt_get_expiration_time)                                                                                    \
    F(x509_crt_get_key_purpose_oid)                                                                                    \
    F(x509_crt_get_key_usage)                                                                                          \
    F(x509_crt_import)                                                                                                 \
    F(x509_crt_init)                                                                                                   \
    F(x509_crt_list_import2)                                                                                           \
    F(x509_crt_list_verify)

/* NOLINTNEXTLINE(bugprone-macro-parentheses): a declared name takes none. */
#define VT_GNUTLS_POINTER(name) __typeof__(gnutls_##name) *name;

typedef struct VtGnutls {
    VT_GNUTLS_FUNCTIONS(VT_GNUTLS_POINTER)
} VtGnutls;

extern VtGnutls vt_gnutls;

bool vt_gnutls_load(GError **error);
/* Describes an error of GnuTLS as a phrase; never freed. */
const char *vt_gnutls_why(int status);
