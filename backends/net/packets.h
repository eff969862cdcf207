/* SPDX-License-Identifier: MIT */
/*
 * Frames through descriptors that take and give each one whole: a socket for datagrams, or the queues of a tap.  They
 * come by all of them and go by the first.
 */
#pragma once

#include "vt-backends/net.h"
#include "vt-runtime/socket.h"

#define VT_PACKET_HEADER_MAX 64

typedef struct VtPackets {
    VtObject *netdev;
    GPtrArray *queues;  /* NULL: there are none */
    VtSockaddr to;      /* of datagrams; size 0: where the descriptor leads to */
    size_t header_size; /* of zeroes before each frame */
    bool passes; /* an error of reading says nothing of what comes later, such as that of a peer that is not there */
    guint writer;
    uint8_t *data; /* a frame with its header; NULL: not started */
} VtPackets;

/* Takes the open descriptor @fd, which never blocks. */
void vt_packets_add(VtPackets *packets, int fd);
/* Frames pass from here on.  The members before @writer are set, and one descriptor at least is there. */
void vt_packets_start(VtPackets *packets);
/* Stops, where it was started, and closes the descriptors. */
void vt_packets_clear(VtPackets *packets);
