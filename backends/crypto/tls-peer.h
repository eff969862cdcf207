/* SPDX-License-Identifier: MIT */
/*
 * Verification of the peer's identity.
 */
#pragma once

#include "tls-creds.h"

typedef struct VtTlsPeer {
    char *creds; /* id of our credentials, for messages */
    gnutls_credentials_type_t type;
    bool server; /* this end is the server */
    bool verify; /* verify the certificate of the peer */
    char *hostname;
    VtObject *authz;
} VtTlsPeer;

/* Parameters as in vt_tls_session_new(). */
bool vt_tls_peer_init(VtTlsPeer *peer, VtObject *creds, const char *hostname, VtObject *authz, GError **error);
void vt_tls_peer_clear(VtTlsPeer *peer);
/* Verifies the peer after the handshake.  If the peer is rejected, *ret_alert is the alert to send. */
bool vt_tls_peer_check(const VtTlsPeer *peer, gnutls_session_t session, gnutls_alert_description_t *ret_alert,
                       GError **error);
