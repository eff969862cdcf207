/* SPDX-License-Identifier: MIT */
/*
 * Monitor servers: sockets for any number of clients, and standard input and output.
 */
#include "monitor-private.h"

#include <string.h>
#include <unistd.h>

#include "metrics.h"
#include "vt-runtime/error.h"
#include "vt-runtime/socket.h"
#include "vt-runtime/stdio.h"

/* Bit of QmpServer.address in vt_present. */
enum { BIT_ADDRESS = 0 };

#define MAX_SESSIONS 256 /* limit of one server; further clients wait to be accepted */

char *
vt_monitor_server_name(const VtQmpServer *spec)
{
    const VtSocketAddress *address = &spec->address;

    if (vt_monitor_server_is_stdio(spec)) {
        return g_strdup("stdio");
    }
    switch (address->type) {
    case VT_SOCKET_ADDRESS_TYPE_UNIX:
        return g_strdup_printf("unix:%s", address->u.q_unix.path);
    case VT_SOCKET_ADDRESS_TYPE_INET:
        return g_strdup_printf(strchr(address->u.inet.host, ':') ? "tcp:[%s]:%s" : "tcp:%s:%s", address->u.inet.host,
                               address->u.inet.port);
    default:
        return g_strdup("address");
    }
}

bool
vt_monitor_server_is_stdio(const VtQmpServer *spec)
{
    return !(spec->vt_present[0] >> BIT_ADDRESS & 1);
}

static bool
check_address(const VtQmpServer *spec, GError **error)
{
    if (spec->address.type != VT_SOCKET_ADDRESS_TYPE_INET && spec->address.type != VT_SOCKET_ADDRESS_TYPE_UNIX) {
        return vt_error_set(error, "address.type: expected inet or unix");
    }
    return vt_socket_check(&spec->address, "address", error);
}

bool
vt_monitor_server_check(const VtQmpServer *spec, GError **error)
{
    return vt_monitor_server_is_stdio(spec) || check_address(spec, error);
}

/* ---- sockets ------------------------------------------------------------------------------------------- */

static void
on_session_end(VtMonitorFd *session, void *opaque)
{
    VtMonitorServer *server = opaque;

    g_ptr_array_remove(server->sessions, session);
    if (server->listener) {
        vt_listener_start(server->listener);
    }
}

static void
add_session(VtMonitorServer *server, int in, int out, bool is_owned)
{
    g_ptr_array_add(server->sessions, vt_monitor_fd_new(server->service, in, out, is_owned, server->pretty,
                                                        server->attach, on_session_end, server));
}

static void
add_client(VtMonitorServer *server, int fd)
{
    if (server->nodelay) {
        vt_socket_nodelay(fd);
    }
    server->had_client = true;
    add_session(server, fd, fd, true);
}

static void
on_client(void *opaque, int fd)
{
    VtMonitorServer *server = opaque;

    add_client(server, fd);
    if (server->sessions->len >= MAX_SESSIONS) {
        vt_listener_stop(server->listener);
    }
}

static bool
open_socket(VtMonitorServer *server, const VtSocketAddress *address, bool listens, GError **error)
{
    g_autoptr(GArray) addresses = NULL;
    int fd;

    addresses = vt_socket_resolve(address, SOCK_STREAM, listens, "address", error);
    if (!addresses) {
        return false;
    }
    fd = listens ? vt_socket_bind(address, addresses, SOCK_STREAM, "cannot bind", &server->own, error)
                 : vt_socket_connect_now(addresses, "cannot connect", error);
    if (fd < 0) {
        return false;
    }
    if (listens) {
        server->listener = vt_listener_new(fd, on_client, server);
        vt_listener_start(server->listener);
    } else {
        add_client(server, fd);
    }
    return true;
}

/* ---- servers ------------------------------------------------------------------------------------------- */

static bool
open_stdio(VtMonitorServer *server, GError **error)
{
    if (!vt_stdio_claim("the QMP monitor", error)) {
        return false;
    }
    server->has_stdio = true;
    server->wait = false;
    add_session(server, STDIN_FILENO, STDOUT_FILENO, false);
    return true;
}

VtMonitorServer *
vt_monitor_server_new(VtService *service, const VtQmpServer *spec, GError **error)
{
    g_autoptr(VtMonitorServer) server = g_new0(VtMonitorServer, 1);
    g_autofree char *name = vt_monitor_server_name(spec);

    server->service = service;
    server->sessions = g_ptr_array_new_with_free_func((GDestroyNotify)vt_monitor_fd_free);
    server->wait = spec->server && spec->wait;
    server->nodelay = spec->nodelay;
    server->pretty = spec->pretty;
    server->attach = spec->protocol == VT_MONITOR_PROTOCOL_METRICS ? vt_metrics_attach : NULL;
    if (vt_monitor_server_is_stdio(spec) ? open_stdio(server, error)
                                         : open_socket(server, &spec->address, spec->server, error)) {
        return g_steal_pointer(&server);
    }
    g_prefix_error(error, "%s: ", name);
    return NULL;
}

bool
vt_monitor_server_wants_client(const VtMonitorServer *server)
{
    return server->wait && !server->had_client;
}

void
vt_monitor_server_free(VtMonitorServer *server)
{
    if (!server) {
        return;
    }
    g_ptr_array_unref(server->sessions);
    if (server->has_stdio) {
        vt_stdio_release();
    }
    vt_own_path_remove(server->own);
    vt_listener_free(server->listener);
    g_free(server);
}
