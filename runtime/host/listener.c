/* SPDX-License-Identifier: MIT */
#include "vt-runtime/listener.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include <glib-unix.h>

#define PAUSE_MS 20 /* while the host has no room for another connection */

struct VtListener {
    int fd;
    VtListenerFunc accepted;
    void *opaque;
    guint watch, timer; /* at most one of them; none: it is stopped */
};

static gboolean on_timer(gpointer opaque);

static gboolean
on_client(gint fd, GIOCondition condition, gpointer opaque)
{
    VtListener *listener = opaque;
    int client = accept4(fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

    (void)condition;
    if (client >= 0) {
        listener->accepted(listener->opaque, client);
        return G_SOURCE_CONTINUE;
    }
    /* A client that the host has no room for still waits, and would be reported at every turn of the loop. */
    if (errno != EAGAIN && errno != EINTR && errno != ECONNABORTED) {
        vt_listener_stop(listener);
        listener->timer = g_timeout_add(PAUSE_MS, on_timer, listener);
    }
    return G_SOURCE_CONTINUE;
}

static gboolean
on_timer(gpointer opaque)
{
    VtListener *listener = opaque;

    listener->timer = 0;
    vt_listener_start(listener);
    return G_SOURCE_REMOVE;
}

VtListener *
vt_listener_new(int fd, VtListenerFunc accepted, void *opaque)
{
    VtListener *listener = g_new(VtListener, 1);

    *listener = (VtListener){.fd = fd, .accepted = accepted, .opaque = opaque};
    return listener;
}

void
vt_listener_free(VtListener *listener)
{
    if (!listener) {
        return;
    }
    vt_listener_stop(listener);
    close(listener->fd);
    g_free(listener);
}

void
vt_listener_start(VtListener *listener)
{
    if (!listener->watch && !listener->timer) {
        listener->watch = g_unix_fd_add(listener->fd, G_IO_IN, on_client, listener);
    }
}

void
vt_listener_stop(VtListener *listener)
{
    g_clear_handle_id(&listener->watch, g_source_remove);
    g_clear_handle_id(&listener->timer, g_source_remove);
}

int
vt_listener_fd(const VtListener *listener)
{
    return listener->fd;
}
