/* SPDX-License-Identifier: MIT */
/*
 * Peers: one connection at a time to an address.
 *
 * A server accepts one client, and other clients wait until it disconnects. A client connects, and reconnects if it is
 * configured to. The user of the connection detects its end and calls vt_peer_drop(). The peer then prepares the next
 * connection. Main thread only.
 */
#pragma once

#include "vt-runtime/socket.h"

typedef struct VtPeer VtPeer;

typedef struct VtPeerSpec {
    const VtSocketAddress *address; /* borrowed for the lifetime of the peer */
    const char *member;             /* name of the member with the address, for errors; a literal */
    bool server;
    bool nodelay;                    /* sets TCP_NODELAY */
    bool waits;                      /* without reconnect, vt_peer_open() waits for the connection (patience.h) */
    int64_t reconnect, reconnect_ms; /* delay before reconnecting, in seconds or milliseconds; 0: never */
} VtPeerSpec;

typedef struct VtPeerOps {
    /* @fd is a connection, owned by the peer and valid until vt_peer_drop(). The callee may call vt_peer_drop(). */
    void (*opened)(void *opaque, int fd);
    /* The connection failed, and the peer does not try again. @number: errno. May be NULL. */
    void (*failed)(void *opaque, int number);
} VtPeerOps;

/* Checks @spec without access to the host. Returns false and sets @error if it is invalid. */
bool vt_peer_check(const VtPeerSpec *spec, GError **error);

/* Creates a peer; copies @spec and borrows @ops. It takes no host resources before vt_peer_open(). Do not free the peer
 * in a callback. */
VtPeer *vt_peer_new(const VtPeerSpec *spec, const VtPeerOps *ops, void *opaque);
void vt_peer_free(VtPeer *peer); /* NULL is a no-op */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VtPeer, vt_peer_free)

/* Listens, or starts to connect. An address of type fd is connected at once. After a failure, the caller can only free
 * the peer. */
bool vt_peer_open(VtPeer *peer, GError **error);
/* Closes the connection and prepares the next one. Remove watches of the descriptor before the call. */
void vt_peer_drop(VtPeer *peer);

int vt_peer_fd(const VtPeer *peer);       /* the connection, borrowed; -1: not connected */
int vt_peer_listener(const VtPeer *peer); /* borrowed; -1: the peer does not listen */
