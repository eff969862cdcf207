/* SPDX-License-Identifier: MIT */
/*
 * Sockets by their configured addresses.  None of them blocks, and none is inherited by other programs.
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
    int protocol; /* 0: the family's usual one */
    union {
        struct sockaddr any;
        struct sockaddr_un local;
        struct sockaddr_storage space;
    } u;
} VtSockaddr;

/* Checks what can be said without asking the host.  @what names the member in errors. */
bool vt_socket_check(const VtSocketAddress *address, const char *what, GError **error);

/* All addresses that @address (inet or unix) stands for: of VtSockaddr, one at least.  For a name, a request
 * waits as await.h says, and a start as patience.h says. */
GArray *vt_socket_resolve(const VtSocketAddress *address, int type, bool passive, const char *what, GError **error);
/* The same without waiting.  NULL without @error: *@ret_lookup is under way, and vt_socket_resolve_end() is for when
 * vt_lookup_fd() can be read from.  vt_lookup_free() is the caller's. */
typedef struct VtLookup VtLookup;
GArray *vt_socket_resolve_begin(const VtSocketAddress *address, int type, bool passive, const char *what,
                                VtLookup **ret_lookup, GError **error);
GArray *vt_socket_resolve_end(const VtSocketAddress *address, int type, VtLookup *lookup, const char *what,
                              GError **error);
/* The open socket that @address, of type fd, names; the caller owns it from here on. */
int vt_socket_fd(const VtSocketAddress *address, int type, const char *what, GError **error);

/*
 * -1 on failure.  Listening, and ports: @address says them.  A socket at a unix path that no process has any more is
 * replaced, and nothing else is.  *ret_own: the path that was made, to be removed before the socket is closed; NULL for
 * other addresses.
 */
int vt_socket_bind(const VtSocketAddress *address, const GArray *addresses, int type, const char *what,
                   VtOwnPath **ret_own, GError **error);
/* The same for datagrams to @to, at such addresses that are of its family.  Neither knows where datagrams go to. */
int vt_socket_bind_for(const VtSocketAddress *address, const VtSockaddr *to, const char *what, VtOwnPath **ret_own,
                       GError **error);
/* A connection that is begun: it is there, or failed, when the socket can be written to.  -1 and errno on failure;
 * EAGAIN: the other end is there and has no room for now. */
int vt_socket_connect(const VtSockaddr *to);
/* A connection to the first of the addresses that answers, for which it waits as long as patience.h says.  -1 and
 * @error. */
int vt_socket_connect_now(const GArray *addresses, const char *what, GError **error);
/* 0, or why the connection that was begun is not there. */
int vt_socket_outcome(int fd);
/* What the address wants of its connections.  @nodelay: small pieces go out at once. */
void vt_socket_tune(int fd, const VtSocketAddress *address, bool nodelay);
/* Small pieces go out at once, where that can be said of the socket. */
void vt_socket_nodelay(int fd);

/* The address of the other end, as a SocketAddress. */
json_object *vt_socket_peer(int fd);
