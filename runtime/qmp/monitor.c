/* SPDX-License-Identifier: MIT */
/*
 * Monitor servers: sockets for any number of clients, and standard input and output.
 */
#include "monitor-private.h"

#include <string.h>
#include <unistd.h>

#include "vt-runtime/codec.h"
#include "vt-runtime/error.h"
#include "vt-runtime/socket.h"
#include "vt-runtime/stdio.h"

#define MODE         0600 /* mode of a UNIX socket: a client controls the machine */
#define MAX_SESSIONS 256  /* limit of one server; further clients wait to be accepted */

typedef struct Spec {
    char *address; /* "unix:…", "tcp:…" or "stdio", without options */
    bool server, wait, stdio;
    uint16_t mode;          /* mode of a new UNIX socket */
    VtSocketAddress socket; /* unless @stdio; its strings point into @address */
} Spec;

static bool
parse_switch(const char *spec, const char *name, const char *value, bool *ret_value, GError **error)
{
    if (strcmp(value, "on") == 0 || strcmp(value, "off") == 0) {
        *ret_value = value[1] == 'n';
        return true;
    }
    return vt_error_set(error, "%s: %s: expected 'on' or 'off', got '%s'", spec, name, value);
}

static bool
parse_tcp(char *host, VtSocketAddress *ret_address, GError **error)
{
    char *colon = strrchr(host, ':');
    size_t len;

    if (!colon || !colon[1]) {
        return vt_error_set(error, "expected tcp:HOST:PORT");
    }
    *colon = '\0';
    len = strlen(host);
    if (len > 2 && host[0] == '[' && host[len - 1] == ']') {
        host[len - 1] = '\0';
        host++;
    }
    *ret_address = (VtSocketAddress){.type = VT_SOCKET_ADDRESS_TYPE_INET};
    ret_address->u.inet.host = host;
    ret_address->u.inet.port = colon + 1;
    return true;
}

/* Parses the address. */
static bool
parse_address(Spec *spec, GError **error)
{
    if (strcmp(spec->address, "stdio") == 0) {
        spec->stdio = true;
        return true;
    }
    if (g_str_has_prefix(spec->address, "unix:")) {
        spec->socket = (VtSocketAddress){.type = VT_SOCKET_ADDRESS_TYPE_UNIX,
                                         .u.q_unix = {.path = spec->address + 5, .mode = spec->mode}};
    } else if (!g_str_has_prefix(spec->address, "tcp:")) {
        return vt_error_set(error, "expected unix:PATH, tcp:HOST:PORT or stdio");
    } else if (!parse_tcp(spec->address + 4, &spec->socket, error)) {
        return false;
    }
    return vt_socket_check(&spec->socket, "address", error);
}

static void
spec_clear(Spec *spec)
{
    g_clear_pointer(&spec->address, g_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Spec, spec_clear)

static bool
parse_mode(const char *spec, const char *value, uint16_t *ret_mode, GError **error)
{
    int64_t mode;

    if (!vt_codec_file_mode.parse(value, &mode, error)) {
        g_prefix_error(error, "%s: mode: ", spec);
        return false;
    }
    *ret_mode = (uint16_t)mode;
    return true;
}

/* The caller clears @ret_spec, also on failure. */
static bool
parse_spec(const char *spec, Spec *ret_spec, GError **error)
{
    g_auto(GStrv) parts = g_strsplit(spec, ",", -1);

    *ret_spec = (Spec){.wait = true, .mode = MODE};
    for (char **part = parts + (parts[0] != NULL); *part; part++) {
        bool ok;

        if (g_str_has_prefix(*part, "server=")) {
            ok = parse_switch(spec, "server", *part + 7, &ret_spec->server, error);
        } else if (g_str_has_prefix(*part, "wait=")) {
            ok = parse_switch(spec, "wait", *part + 5, &ret_spec->wait, error);
        } else if (g_str_has_prefix(*part, "mode=")) {
            ok = parse_mode(spec, *part + 5, &ret_spec->mode, error);
        } else if (strcmp(*part, "server") == 0) {
            ok = ret_spec->server = true;
        } else if (strcmp(*part, "wait") == 0) {
            ok = ret_spec->wait = true;
        } else if (strcmp(*part, "nowait") == 0) {
            ret_spec->wait = false;
            ok = true;
        } else {
            ok = vt_error_set(error, "%s: unknown option '%s'; known are server, wait and mode", spec, *part);
        }
        if (!ok) {
            return false;
        }
    }
    ret_spec->wait = ret_spec->wait && ret_spec->server;
    ret_spec->address = g_strdup(parts[0] ? parts[0] : "");
    if (!parse_address(ret_spec, error)) {
        g_prefix_error(error, "%s: ", spec);
        return false;
    }
    return true;
}

bool
vt_monitor_spec_check(const char *spec, bool *ret_stdio, GError **error)
{
    g_auto(Spec) parsed = {NULL};

    if (!parse_spec(spec, &parsed, error)) {
        return false;
    }
    *ret_stdio = parsed.stdio;
    return true;
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
    g_ptr_array_add(server->sessions, vt_monitor_fd_new(server->service, in, out, is_owned, on_session_end, server));
}

static void
on_client(void *opaque, int fd)
{
    VtMonitorServer *server = opaque;

    vt_socket_nodelay(fd);
    server->had_client = true;
    add_session(server, fd, fd, true);
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
        vt_socket_nodelay(fd);
        server->had_client = true;
        add_session(server, fd, fd, true);
    }
    return true;
}

/* ---- servers ------------------------------------------------------------------------------------------- */

static bool
open_stdio(VtMonitorServer *server, GError **error)
{
    if (!vt_stdio_claim("-qmp stdio", error)) {
        return false;
    }
    server->has_stdio = true;
    server->wait = false;
    add_session(server, STDIN_FILENO, STDOUT_FILENO, false);
    return true;
}

static bool
open_server(VtMonitorServer *server, const char *text, GError **error)
{
    g_auto(Spec) spec = {NULL};
    bool ok;

    if (!parse_spec(text, &spec, error)) {
        return false;
    }
    server->wait = spec.wait;
    ok = spec.stdio ? open_stdio(server, error) : open_socket(server, &spec.socket, spec.server, error);
    if (!ok) {
        g_prefix_error(error, "%s: ", text);
    }
    return ok;
}

VtMonitorServer *
vt_monitor_server_new(VtService *service, const char *spec, GError **error)
{
    g_autoptr(VtMonitorServer) server = g_new0(VtMonitorServer, 1);

    server->service = service;
    server->sessions = g_ptr_array_new_with_free_func((GDestroyNotify)vt_monitor_fd_free);
    if (!open_server(server, spec, error)) {
        return NULL;
    }
    return g_steal_pointer(&server);
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
