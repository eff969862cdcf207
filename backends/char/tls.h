/* SPDX-License-Identifier: MIT */
/*
 * TLS connections as channels.
 */
#pragma once

#include "channel.h"
#include "vt-backends/tls-session.h"

typedef struct VtTlsLine VtTlsLine;

/* Parameters as in vt_tls_session_new(). */
VtTlsLine *vt_tls_line_new(VtObject *creds, const char *hostname, VtObject *authz, int fd);
void vt_tls_line_free(VtTlsLine *line);
VtTlsState vt_tls_line_handshake(VtTlsLine *line);

/* io_data is a VtTlsLine after its handshake. */
extern const VtChannelIo vt_tls_line_io;
