/* SPDX-License-Identifier: MIT */
/*
 * Frames on descriptors that keep frame boundaries: a datagram socket, or the queues of a tap.  Frames are read from
 * all descriptors and written to the first.
 */
#pragma once

#include "vt-backends/net.h"
#include "vt-runtime/socket.h"

#define VT_PACKET_HEADER_MAX 64

typedef struct VtPackets {
    VtNetEnd *end;      /* of the link */
    GPtrArray *queues;  /* NULL: none */
    VtSockaddr to;      /* of datagrams; size 0: the descriptor is connected */
    size_t header_size; /* zeroes before each frame */
    bool passes;        /* ignore read errors: a missing peer (ECONNREFUSED) may start later */
    guint writer;
    uint8_t *data; /* a buffer for one frame and its header; NULL: not started */
} VtPackets;

/* Takes ownership of the open, non-blocking descriptor @fd. */
void vt_packets_add(VtPackets *packets, int fd);
/* Starts to pass frames.  The caller has set the members before VtPackets.writer, and has added a descriptor. */
void vt_packets_start(VtPackets *packets);
/* Stops the transfer, if started, and closes the descriptors. */
void vt_packets_clear(VtPackets *packets);
/* Stops the transfer, if started, and returns the descriptors, of int, which the caller closes. */
GArray *vt_packets_take(VtPackets *packets);
