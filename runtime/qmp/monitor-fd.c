/* SPDX-License-Identifier: MIT */
/*
 * A session on file descriptors: a client's socket, or standard input and output.
 */
#include "monitor-private.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <string.h>
#include <unistd.h>

#include "vt-runtime/descriptors.h"
#include "vt-runtime/watch.h"

#define SEND_BUFFER (1 << 20) /* holds the whole schema; the host may allow less */
#define READ_SIZE   ((size_t)64 << 10)
#define DISCARD_MAX 16 /* reads of unread input before a socket is closed */

struct VtMonitorFd {
    VtMonitor *monitor;
    VtMonitorFdEnd on_end;
    void *opaque;    /* parameter of @on_end */
    int in, out;     /* file descriptors; equal for sockets */
    bool is_owned;   /* the session closes them */
    mode_t out_type; /* S_IFSOCK, S_IFIFO, … */
    VtWatch *in_watch;
    VtWatch *out_watch; /* equal to @in_watch for sockets */
};

static char received[READ_SIZE]; /* main thread only */

/* Closing a socket with unread input resets the connection, and the client may lose the last replies.  So this discards
 * unread input first. */
static void
close_socket(int fd)
{
    shutdown(fd, SHUT_WR);
    for (int i = 0; i < DISCARD_MAX && recv(fd, received, READ_SIZE, MSG_DONTWAIT) > 0; i++) {
    }
    close(fd);
}

void
vt_monitor_fd_free(VtMonitorFd *session)
{
    vt_monitor_free(session->monitor);
    if (session->out_watch != session->in_watch) {
        vt_watch_free(session->out_watch);
    }
    vt_watch_free(session->in_watch);
    if (session->is_owned) {
        close_socket(session->in);
    }
    g_free(session);
}

/* Waits for input, output, or (0, or the disconnect alone) neither.  Never for both. */
static void
await(VtMonitorFd *session, GIOCondition condition)
{
    if (session->out_watch != session->in_watch) {
        vt_watch_set(session->out_watch, condition & G_IO_OUT);
        condition &= G_IO_IN;
    }
    vt_watch_set(session->in_watch, condition);
}

/* ---- writing ------------------------------------------------------------------------------------------- */

/* Other processes may share standard output, so it stays in blocking mode.  Writes only what the host accepts without
 * blocking. */
static ssize_t
write_some(const VtMonitorFd *session, struct iovec *parts, int n_parts)
{
    struct msghdr message = {.msg_iov = parts, .msg_iovlen = (size_t)n_parts};
    struct pollfd ready = {.fd = session->out, .events = POLLOUT};
    int n;

    if (session->out_type == S_IFSOCK) {
        return sendmsg(session->out, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
    }
    if (session->out_type == S_IFREG) {
        return writev(session->out, parts, n_parts);
    }
    n = poll(&ready, 1, 0);
    if (n <= 0) {
        errno = n ? errno : EAGAIN;
        return -1;
    }
    return write(session->out, parts[0].iov_base, MIN(parts[0].iov_len, PIPE_BUF));
}

static size_t
write_parts(void *channel, struct iovec *parts, int n_parts)
{
    VtMonitorFd *session = channel;
    ssize_t n;

    do {
        n = write_some(session, parts, n_parts);
    } while (n < 0 && errno == EINTR);
    if (n >= 0) {
        return (size_t)n;
    }
    if (errno != EAGAIN) {
        return VT_MONITOR_BROKEN;
    }
    await(session, G_IO_OUT);
    return 0;
}

static size_t
queued(void *channel)
{
    const VtMonitorFd *session = channel;
    int n = 0;

    /* For a pipe, FIONREAD works on the write end too. */
    ioctl(session->out, session->out_type == S_IFIFO ? FIONREAD : TIOCOUTQ, &n);
    return (size_t)n;
}

/* ---- reading ------------------------------------------------------------------------------------------- */

static void
read_some(VtMonitorFd *session)
{
    ssize_t n = session->is_owned
                    ? vt_descriptors_receive(session->in, received, READ_SIZE, 0, session->monitor->descriptors)
                    : read(session->in, received, READ_SIZE);

    if (n > 0) {
        vt_monitor_feed(session->monitor, received, (size_t)n);
        explicit_bzero(received, (size_t)n);
    } else if (n == 0 || (errno != EINTR && errno != EAGAIN)) {
        vt_monitor_end_input(session->monitor);
    }
}

static void
resume(void *channel)
{
    await(channel, G_IO_IN);
}

/* Whether the client can read no reply.  A client that has only ended its requests can. */
static bool
is_gone(const VtMonitorFd *session)
{
    struct pollfd peer = {.fd = session->in};

    return session->is_owned && poll(&peer, 1, 0) > 0 && peer.revents & POLLHUP;
}

static void
on_ready(void *opaque)
{
    VtMonitorFd *session = opaque;
    VtMonitor *monitor = session->monitor;

    if (monitor->blocked) {
        vt_monitor_writable(monitor);
    } else if (vt_monitor_takes_input(monitor)) {
        read_some(session);
    } else if (is_gone(session)) {
        vt_monitor_break(monitor);
    }
    if (!monitor->blocked && !vt_monitor_takes_input(monitor)) {
        /* What an engine has begun is completed also without its client. */
        bool ends = session->is_owned && monitor->state == VT_SESSION_OPEN && !monitor->service->relay;

        await(session, ends ? G_IO_HUP : 0);
    }
}

/* ---- end of the session -------------------------------------------------------------------------------- */

/* A client on standard input and output would not notice a disconnect. */
static bool
may_end(void *channel)
{
    return ((VtMonitorFd *)channel)->is_owned;
}

static void
end(void *channel)
{
    VtMonitorFd *session = channel;

    session->on_end(session, session->opaque);
}

VtMonitorFd *
vt_monitor_fd_new(VtService *service, int in, int out, bool is_owned, bool pretty, void (*attach)(VtMonitor *monitor),
                  VtMonitorFdEnd on_end, void *opaque)
{
    static const VtMonitorIo io = {
        .write = write_parts, .resume = resume, .queued = queued, .may_end = may_end, .end = end};
    VtMonitorFd *session = g_new(VtMonitorFd, 1);
    struct stat st = {.st_mode = 0};
    int room = SEND_BUFFER;

    fstat(out, &st);
    if (is_owned) {
        setsockopt(out, SOL_SOCKET, SO_SNDBUF, &room, sizeof room);
    }
    *session = (VtMonitorFd){.on_end = on_end,
                             .opaque = opaque,
                             .in = in,
                             .out = out,
                             .is_owned = is_owned,
                             .out_type = st.st_mode & S_IFMT};
    session->in_watch = vt_watch_new(in, on_ready, session);
    session->out_watch = in == out ? session->in_watch : vt_watch_new(out, on_ready, session);
    session->monitor = vt_monitor_new(service, &io, session, pretty);
    if (attach) {
        attach(session->monitor);
    }
    vt_monitor_open(session->monitor);
    return session;
}
