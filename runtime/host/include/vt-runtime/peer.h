/* SPDX-License-Identifier: MIT */
/*
 * Peers: one connection at a time to an address.
 *
 * A server takes one client after the other; while one is there, others wait.  A client connects, and connects again
 * where that is said.  Who uses the connection finds out that it is over and drops it; what comes next is the peer's
 * business.  Main thread only.
 */
#pragma once

#include "vt-runtime/socket.h"

typedef struct VtPeer VtPeer;

typedef struct VtPeerSpec {
    const VtSocketAddress *address; /* borrowed as long as there is a peer */
    const char *member;             /* that says the address, for errors; a literal */
    bool server;
    bool nodelay; /* small pieces go out at once */
    bool waits;   /* where a client has one try, vt_peer_open() waits a while for what becomes of it (patience.h) */
    int64_t reconnect, reconnect_ms; /* after how many seconds, or milliseconds, to connect again; 0: never */
} VtPeerSpec;

typedef struct VtPeerOps {
    /* @fd is a connection, until vt_peer_drop(), which may be called at once. */
    void (*opened)(void *opaque, int fd);
    /* No address answers and there will be no other try; @number says why (errno).  NULL: nobody needs to know. */
    void (*failed)(void *opaque, int number);
} VtPeerOps;

/* Checks what can be said without asking the host. */
bool vt_peer_check(const VtPeerSpec *spec, GError **error);

/* Takes nothing from the host before vt_peer_open().  Not to be freed from a callback. */
VtPeer *vt_peer_new(const VtPeerSpec *spec, const VtPeerOps *ops, void *opaque);
void vt_peer_free(VtPeer *peer); /* NULL: nothing happens */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VtPeer, vt_peer_free)

/* Listens, or begins to connect; an address that is an open connection is opened at once.  False: it can only be freed.
 */
bool vt_peer_open(VtPeer *peer, GError **error);
/* The connection is over: closes it and goes on to the next one.  Who watches its descriptor has stopped doing so. */
void vt_peer_drop(VtPeer *peer);

int vt_peer_fd(const VtPeer *peer);       /* the connection; -1: there is none */
int vt_peer_listener(const VtPeer *peer); /* -1: it is a client */
