/* SPDX-License-Identifier: MIT */
/*
 * Sockets for configured addresses. All sockets are non-blocking, and no other program inherits them.
 *
 * In all functions, @what is the name of the member with the address, for errors. The caller owns returned descriptors.
 */
#pragma once

#include <stdbool.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <glib.h>
#include <json-c/json_types.h>

#include "vt-gen/runtime.h"
#include "vt-runtime/own-path.h"

typedef struct VtSockaddr {
    socklen_t size;
    int protocol; /* 0: the default of the address family */
    union {
        struct sockaddr any;
        struct sockaddr_un local;
        struct sockaddr_storage space;
    } u;
} VtSockaddr;

/* Checks @address without access to the host. @what: the member's name in errors. Returns false and sets @error if it
 * is invalid. */
bool vt_socket_check(const VtSocketAddress *address, const char *what, GError **error);

/*
 * Resolves @address, of type inet or unix, for sockets of @type. Returns an array of VtSockaddr with at least one
 * element, owned by the caller. To resolve a host name, a request waits as in await.h, and startup waits as in
 * patience.h. Returns NULL and sets @error on failure.
 */
GArray *vt_socket_resolve(const VtSocketAddress *address, int type, bool passive, const char *what, GError **error);
/* As vt_socket_resolve(), without waiting. If the result is NULL without @error, a lookup is pending in *@ret_lookup,
 * which the caller releases with vt_lookup_free(). When vt_lookup_fd() is readable, call vt_socket_resolve_end(). */
typedef struct VtLookup VtLookup;
GArray *vt_socket_resolve_begin(const VtSocketAddress *address, int type, bool passive, const char *what,
                                VtLookup **ret_lookup, GError **error);
GArray *vt_socket_resolve_end(const VtSocketAddress *address, int type, VtLookup *lookup, const char *what,
                              GError **error);
/* Returns the open socket of @address, which is of type fd, after a check of its socket @type. Returns -1 and sets
 * @error on failure. */
int vt_socket_fd(const VtSocketAddress *address, int type, const char *what, GError **error);

/*
 * Binds a socket of @type to the first of @addresses that works; a stream socket also listens. For inet, tries the
 * ports up to VtInetSocketAddress.to. For unix, removes a stale socket at the path. *@ret_own is the created path, or
 * NULL. Remove it before closing the socket. Returns -1 and sets @error on failure.
 */
int vt_socket_bind(const VtSocketAddress *address, const GArray *addresses, int type, const char *what,
                   VtOwnPath **ret_own, GError **error);
/* As vt_socket_bind(), for datagrams to @to: binds only to addresses of its family. Does not connect the socket. */
int vt_socket_bind_for(const VtSocketAddress *address, const VtSockaddr *to, const char *what, VtOwnPath **ret_own,
                       GError **error);
/* Starts a stream connection to @to. When the socket is writable, vt_socket_outcome() returns the result. Returns -1
 * with errno on failure; EAGAIN: the backlog of a unix socket is full. */
int vt_socket_connect(const VtSockaddr *to);
/*
 * Connects to the first of @addresses that accepts, and waits as in patience.h. Returns -1 and sets @error on failure.
 */
int vt_socket_connect_now(const GArray *addresses, const char *what, GError **error);
/* Returns 0 if the connection of @fd is established, else the errno. */
int vt_socket_outcome(int fd);
/* Sets the socket options of @address, such as keep-alive, on a connection. @nodelay: sets TCP_NODELAY. No-op unless
 * @address is of type inet. */
void vt_socket_tune(int fd, const VtSocketAddress *address, bool nodelay);
/* Sets TCP_NODELAY; no effect on a socket that is not TCP. */
void vt_socket_nodelay(int fd);

/* Returns the address of the peer of @fd as a SocketAddress, a new reference. If it is unknown, type is unix with an
 * empty path. */
json_object *vt_socket_peer(int fd);
