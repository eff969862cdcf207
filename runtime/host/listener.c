/* SPDX-License-Identifier: MIT */
#include "vt-runtime/listener.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include "vt-runtime/watch.h"

#define PAUSE_MS 20 /* retry interval while the host lacks resources for a connection */

struct VtListener {
    int fd;
    VtListenerFunc accepted;
    void *opaque;
    VtWatch *watch; /* enabled while the listener is started and does not pause */
    guint timer;    /* ends a pause; 0: no pause */
};

static gboolean on_timer(gpointer opaque);

static void
on_client(void *opaque)
{
    VtListener *listener = opaque;
    int client = accept4(listener->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

    if (client >= 0) {
        listener->accepted(listener->opaque, client);
        return;
    }
    /* The client is still in the backlog, and each iteration of the loop would report it. */
    if (errno != EAGAIN && errno != EINTR && errno != ECONNABORTED) {
        vt_listener_stop(listener);
        listener->timer = g_timeout_add(PAUSE_MS, on_timer, listener);
    }
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
    listener->watch = vt_watch_new(fd, on_client, listener);
    return listener;
}

void
vt_listener_free(VtListener *listener)
{
    if (!listener) {
        return;
    }
    vt_listener_stop(listener);
    vt_watch_free(listener->watch);
    close(listener->fd);
    g_free(listener);
}

void
vt_listener_start(VtListener *listener)
{
    if (!listener->timer) {
        vt_watch_set(listener->watch, G_IO_IN);
    }
}

void
vt_listener_stop(VtListener *listener)
{
    vt_watch_set(listener->watch, 0);
    g_clear_handle_id(&listener->timer, g_source_remove);
}

int
vt_listener_fd(const VtListener *listener)
{
    return listener->fd;
}
