/* SPDX-License-Identifier: MIT */
/*
 * Telnet: bytes among which commands stand, each behind a byte 255; a byte 255 of the line is sent twice.
 */
#pragma once

#include "channel.h"

typedef struct VtTelnet {
    enum { VT_TELNET_DATA, VT_TELNET_COMMAND, VT_TELNET_OPTION, VT_TELNET_SUB, VT_TELNET_SUB_COMMAND } state;
    bool owes; /* the second of two bytes 255 */
} VtTelnet;

/* io_data is a VtTelnet. */
extern const VtChannelIo vt_telnet_io;

/* Asks the client at @fd, which has just come, to send each byte at once and to let us echo it. */
bool vt_telnet_begin(VtTelnet *telnet, int fd);
