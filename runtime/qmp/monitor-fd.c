/* SPDX-License-Identifier: MIT */
/*
 * A session on a file descriptor: a client's connection, or standard input and output.  Read straight into the
 * session's buffer, and written without a detour: it is what the speed of QMP depends on.
 */
#include "monitor-private.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <glib-unix.h>

#define READ_SIZE (64 << 10)
#define DRAIN_MS  1000

struct VtMonitorFd {
    VtMonitorServer *server;
    VtMonitor *monitor;
    int in, out; /* the same descriptor for sockets */
    bool is_socket;
    guint in_watch, out_watch;
};

static gboolean on_readable(gint fd, GIOCondition condition, gpointer opaque);

void
vt_monitor_fd_free(VtMonitorFd *session)
{
    g_clear_handle_id(&session->in_watch, g_source_remove);
    g_clear_handle_id(&session->out_watch, g_source_remove);
    vt_monitor_free(session->monitor);
    if (session->is_socket) {
        close(session->in);
    }
    g_free(session);
}

static gboolean
on_writable(gint fd, GIOCondition condition, gpointer opaque)
{
    VtMonitorFd *session = opaque;

    (void)fd;
    (void)condition;
    /* Where it is still blocked, writing has made a new watch. */
    session->out_watch = 0;
    vt_monitor_writable(session->monitor);
    return G_SOURCE_REMOVE;
}

/* Standard output may be shared with others, so it is not made non-blocking: what a pipe takes at once is written. */
static ssize_t
write_some(const VtMonitorFd *session, const char *text, size_t len)
{
    struct pollfd ready = {.fd = session->out, .events = POLLOUT};

    if (session->is_socket) {
        return send(session->out, text, len, MSG_NOSIGNAL | MSG_DONTWAIT);
    }
    if (poll(&ready, 1, 0) == 0) {
        errno = EAGAIN;
        return -1;
    }
    return write(session->out, text, MIN(len, PIPE_BUF));
}

static size_t
write_text(void *channel, const char *text, size_t len)
{
    VtMonitorFd *session = channel;
    size_t done = 0;

    while (done < len) {
        ssize_t n = write_some(session, text + done, len - done);

        if (n >= 0) {
            done += (size_t)n;
        } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
            if (!session->out_watch) {
                session->out_watch = g_unix_fd_add(session->out, G_IO_OUT, on_writable, session);
            }
            break;
        } else if (errno != EINTR) {
            return VT_MONITOR_BROKEN;
        }
    }
    return done;
}

static void
resume(void *channel)
{
    VtMonitorFd *session = channel;

    if (!session->in_watch) {
        session->in_watch = g_unix_fd_add(session->in, G_IO_IN | G_IO_HUP | G_IO_ERR, on_readable, session);
    }
}

/* The reading side notices and ends the session. */
static void
cut(void *channel)
{
    VtMonitorFd *session = channel;

    shutdown(session->out, SHUT_RDWR);
    resume(session);
}

static void
close_session(void *channel)
{
    VtMonitorFd *session = channel;

    g_ptr_array_remove(session->server->sessions, session);
}

static gboolean
on_readable(gint fd, GIOCondition condition, gpointer opaque)
{
    VtMonitorFd *session = opaque;
    VtMonitor *monitor = session->monitor;
    char *room = vt_monitor_reserve(monitor, READ_SIZE);
    ssize_t n = read(fd, room, READ_SIZE);
    bool ended = n == 0 || (n < 0 && errno != EINTR && errno != EAGAIN);

    (void)condition;
    if (!vt_monitor_commit(monitor, READ_SIZE, MAX(n, 0)) || (ended && !vt_monitor_end_input(monitor))) {
        return G_SOURCE_REMOVE;
    }
    if (!vt_monitor_takes_input(monitor)) {
        session->in_watch = 0;
        return G_SOURCE_REMOVE;
    }
    return G_SOURCE_CONTINUE;
}

void
vt_monitor_fd_new(VtMonitorServer *server, int in, int out, bool is_socket)
{
    static const VtMonitorIo io = {.write = write_text, .resume = resume, .cut = cut, .close = close_session};
    VtMonitorFd *session = g_new0(VtMonitorFd, 1);

    *session = (VtMonitorFd){.server = server, .in = in, .out = out, .is_socket = is_socket};
    session->monitor = vt_monitor_new(server->service, &io, session, false);
    g_ptr_array_add(server->sessions, session);
    vt_monitor_open(session->monitor);
    if (vt_monitor_takes_input(session->monitor)) {
        resume(session);
    }
}

void
vt_monitor_fd_drain(VtMonitorFd *session)
{
    gint64 end = g_get_monotonic_time() + DRAIN_MS * G_TIME_SPAN_MILLISECOND;

    vt_monitor_flush(session->monitor);
    while (vt_monitor_owes(session->monitor) && g_get_monotonic_time() < end) {
        struct pollfd ready = {.fd = session->out, .events = POLLOUT};

        poll(&ready, 1, 10);
        vt_monitor_flush(session->monitor);
    }
}
