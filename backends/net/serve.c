/* SPDX-License-Identifier: MIT */
/*
 * Serves a network backend to another process: its link ends at a datagram socket.
 */
#include "serve.h"

#include <sys/socket.h>

#include "packets.h"

static void
stop(void *opaque)
{
    VtPackets *packets = opaque;

    vt_packets_clear(packets);
    vt_net_end_free(packets->end);
    g_free(packets);
}

static void *
start(VtObject *netdev, int fd, GError **error)
{
    VtPackets *packets = g_new0(VtPackets, 1);

    /* The process that reads the frames may end before this one. */
    packets->passes = true;
    packets->end = vt_net_end_new(NULL, NULL);
    vt_packets_add(packets, fd);
    vt_packets_start(packets);
    if (!vt_net_connect(vt_netdev_end(netdev), packets->end, error)) {
        stop(packets);
        return NULL;
    }
    return packets;
}

const VtServeOps vt_net_serve = {.type = SOCK_DGRAM, .start = start, .stop = stop};
