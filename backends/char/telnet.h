/* SPDX-License-Identifier: MIT */
/*
 * Telnet: a byte 255 (IAC) introduces a command.  A data byte 255 is sent twice.
 */
#pragma once

#include "channel.h"

typedef struct VtTelnet {
    enum { VT_TELNET_DATA, VT_TELNET_COMMAND, VT_TELNET_OPTION, VT_TELNET_SUB, VT_TELNET_SUB_COMMAND } state;
    bool owes; /* the second of two bytes 255 is not yet written */
} VtTelnet;

/* io_data is a VtTelnet. */
extern const VtChannelIo vt_telnet_io;

/* Asks the new client at @fd to send each byte at once and to let the server echo. */
bool vt_telnet_begin(VtTelnet *telnet, int fd);
