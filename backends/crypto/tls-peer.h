/* SPDX-License-Identifier: MIT */
/*
 * Who the peer has to be, and whether it is.
 */
#pragma once

#include "tls-creds.h"

typedef struct VtTlsPeer {
    char *creds; /* our own credentials' name, for messages */
    gnutls_credentials_type_t type;
    bool server; /* we are */
    bool verify; /* its certificate */
    char *hostname;
    VtObject *authz;
} VtTlsPeer;

/* See vt_tls_session_new(). */
bool vt_tls_peer_init(VtTlsPeer *peer, VtObject *creds, const char *hostname, VtObject *authz, GError **error);
void vt_tls_peer_clear(VtTlsPeer *peer);
/* After the handshake.  Where it is someone else, *ret_alert is what to tell it. */
bool vt_tls_peer_check(const VtTlsPeer *peer, gnutls_session_t session, gnutls_alert_description_t *ret_alert,
                       GError **error);
