/* SPDX-License-Identifier: MIT */
/*
 * Monitor servers: where clients come from.  Plain system calls: a monitor must not cost the start of a VM anything.
 */
#include "monitor-private.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <glib-unix.h>

#include "monitor-event.h"
#include "vt-runtime/error.h"

#define MAX_SESSIONS 64 /* of one server; more clients wait to be accepted */

typedef struct Spec {
    char *address; /* "unix:…", "tcp:…", "stdio", without its options */
    bool server, wait;
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
parse_spec(const char *spec, Spec *ret_spec, GError **error)
{
    g_auto(GStrv) parts = g_strsplit(spec, ",", -1);

    *ret_spec = (Spec){.wait = true};
    for (char **part = parts + (parts[0] != NULL); *part; part++) {
        bool ok;

        if (g_str_has_prefix(*part, "server=")) {
            ok = parse_switch(spec, "server", *part + 7, &ret_spec->server, error);
        } else if (g_str_has_prefix(*part, "wait=")) {
            ok = parse_switch(spec, "wait", *part + 5, &ret_spec->wait, error);
        } else if (strcmp(*part, "server") == 0) {
            ok = ret_spec->server = true;
        } else if (strcmp(*part, "wait") == 0) {
            ok = ret_spec->wait = true;
        } else if (strcmp(*part, "nowait") == 0) {
            ret_spec->wait = false;
            ok = true;
        } else {
            ok = vt_error_set(error, "%s: unknown option '%s'; known are server and wait", spec, *part);
        }
        if (!ok) {
            return false;
        }
    }
    ret_spec->wait = ret_spec->wait && ret_spec->server;
    ret_spec->address = g_strdup(parts[0] ? parts[0] : "");
    return true;
}

/* ---- sessions ------------------------------------------------------------------------------------------ */

static gboolean
on_connection(gint fd, GIOCondition condition, gpointer opaque)
{
    VtMonitorServer *server = opaque;
    int peer, on = 1;
    VtMonitor *monitor;

    (void)condition;
    if (server->sessions->len >= MAX_SESSIONS) {
        g_usleep(1000);
        return G_SOURCE_CONTINUE;
    }
    peer = accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (peer < 0) {
        if (errno == EMFILE || errno == ENFILE) {
            g_usleep(1000);
        }
        return G_SOURCE_CONTINUE;
    }
    /* Fails on a unix socket, which needs none of it. */
    setsockopt(peer, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    server->had_client = true;
    monitor = vt_monitor_new(server, peer, peer, true);
    g_ptr_array_add(server->sessions, monitor);
    vt_monitor_start(monitor);
    return G_SOURCE_CONTINUE;
}

/* Takes @fd: listens on it, or is its session. */
static bool
serve(VtMonitorServer *server, const char *spec, int fd, bool listens, GError **error)
{
    if (!listens) {
        server->had_client = true;
        g_ptr_array_add(server->sessions, vt_monitor_new(server, fd, fd, true));
        return true;
    }
    server->listener = fd;
    if (listen(fd, MAX_SESSIONS) < 0) {
        return vt_error_set(error, "%s: cannot listen: %s", spec, g_strerror(errno));
    }
    server->watch = g_unix_fd_add(fd, G_IO_IN, on_connection, server);
    return true;
}

static bool
open_unix(VtMonitorServer *server, const char *spec, const char *path, bool listens, GError **error)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    struct stat st;
    int fd, failed;

    if (!path[0] || strlen(path) >= sizeof address.sun_path) {
        return vt_error_set(error, "%s: a socket's path has 1 to %zu bytes", spec, sizeof address.sun_path - 1);
    }
    strcpy(address.sun_path, path);
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | (listens ? SOCK_NONBLOCK : 0), 0);
    if (fd < 0) {
        return vt_error_set(error, "%s: no socket: %s", spec, g_strerror(errno));
    }
    if (listens) {
        /* A socket that an earlier process left behind goes; a file of any other kind is not ours. */
        if (lstat(path, &st) == 0 && S_ISSOCK(st.st_mode)) {
            unlink(path);
        }
        failed = bind(fd, (struct sockaddr *)&address, sizeof address);
    } else {
        failed = connect(fd, (struct sockaddr *)&address, sizeof address);
    }
    if (failed) {
        vt_error_set(error, "%s: cannot %s: %s", spec, listens ? "bind" : "connect", g_strerror(errno));
        close(fd);
        return false;
    }
    server->path = listens ? g_strdup(path) : NULL;
    return serve(server, spec, fd, listens, error);
}

static bool
open_tcp(VtMonitorServer *server, const char *spec, const char *address, bool listens, GError **error)
{
    const char *colon = strrchr(address, ':');
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = listens ? AI_PASSIVE : 0};
    struct addrinfo *found = NULL;
    g_autofree char *host = NULL;
    int status, fd = -1, saved = 0, on = 1;
    size_t len;

    if (!colon || !colon[1]) {
        return vt_error_set(error, "%s: expected tcp:HOST:PORT", spec);
    }
    host = g_strndup(address, colon - address);
    len = strlen(host);
    if (len > 2 && host[0] == '[' && host[len - 1] == ']') {
        host[len - 1] = '\0';
        memmove(host, host + 1, len - 1);
    }
    status = getaddrinfo(host[0] ? host : NULL, colon + 1, &hints, &found);
    if (status) {
        return vt_error_set(error, "%s: %s", spec, gai_strerror(status));
    }
    for (struct addrinfo *info = found; info && fd < 0; info = info->ai_next) {
        fd = socket(info->ai_family, info->ai_socktype | SOCK_CLOEXEC | (listens ? SOCK_NONBLOCK : 0),
                    info->ai_protocol);
        if (fd < 0) {
            saved = errno;
            continue;
        }
        setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
        if (listens ? bind(fd, info->ai_addr, info->ai_addrlen) : connect(fd, info->ai_addr, info->ai_addrlen)) {
            saved = errno;
            close(fd);
            fd = -1;
        }
    }
    freeaddrinfo(found);
    if (fd < 0) {
        return vt_error_set(error, "%s: cannot %s: %s", spec, listens ? "bind" : "connect", g_strerror(saved));
    }
    return serve(server, spec, fd, listens, error);
}

/* ---- servers ------------------------------------------------------------------------------------------- */

static bool
open_server(VtMonitorServer *server, const char *text, GError **error)
{
    Spec spec = {NULL};
    bool ok;

    if (!parse_spec(text, &spec, error)) {
        g_free(spec.address);
        return false;
    }
    server->wait = spec.wait;
    if (strcmp(spec.address, "stdio") == 0) {
        server->wait = false;
        g_ptr_array_add(server->sessions, vt_monitor_new(server, STDIN_FILENO, STDOUT_FILENO, false));
        ok = true;
    } else if (g_str_has_prefix(spec.address, "unix:")) {
        ok = open_unix(server, text, spec.address + 5, spec.server, error);
    } else if (g_str_has_prefix(spec.address, "tcp:")) {
        ok = open_tcp(server, text, spec.address + 4, spec.server, error);
    } else {
        ok = vt_error_set(error, "%s: expected unix:PATH, tcp:HOST:PORT or stdio", text);
    }
    g_free(spec.address);
    return ok;
}

VtMonitorServer *
vt_monitor_server_new(VtService *service, const char *spec, GError **error)
{
    g_autoptr(VtMonitorServer) server = g_new0(VtMonitorServer, 1);

    server->service = service;
    server->listener = -1;
    server->sessions = g_ptr_array_new_with_free_func((GDestroyNotify)vt_monitor_free);
    if (!open_server(server, spec, error)) {
        return NULL;
    }
    for (guint i = 0; i < server->sessions->len; i++) {
        vt_monitor_start(g_ptr_array_index(server->sessions, i));
    }
    g_ptr_array_add(service->servers, server);
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
    g_ptr_array_remove(server->service->servers, server);
    g_clear_handle_id(&server->watch, g_source_remove);
    for (guint i = 0; i < server->sessions->len; i++) {
        vt_monitor_drain(g_ptr_array_index(server->sessions, i));
    }
    g_ptr_array_unref(server->sessions);
    if (server->listener >= 0) {
        close(server->listener);
    }
    if (server->path) {
        unlink(server->path);
    }
    g_free(server->path);
    g_free(server);
}

void
vt_service_release(VtService *service)
{
    service->held = false;
    vt_service_listen(service);
    for (guint i = 0; i < service->servers->len; i++) {
        VtMonitorServer *server = g_ptr_array_index(service->servers, i);

        for (guint k = 0; k < server->sessions->len; k++) {
            vt_monitor_start(g_ptr_array_index(server->sessions, k));
        }
    }
}
