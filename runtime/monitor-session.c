/* SPDX-License-Identifier: MIT */
/*
 * A session: bytes in, requests out of them, answers gathered and written.  A client that does not read its answers is
 * not read from either.
 */
#include "monitor-private.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <glib-unix.h>

#define READ_SIZE     (64 << 10)
#define PENDING_HIGH  (256 << 10) /* answers held back before they are written within a batch */
#define PENDING_LIMIT (64 << 20)  /* events that a client does not read: then it is cut off */
#define DRAIN_MS      1000

static gboolean on_readable(gint fd, GIOCondition condition, gpointer opaque);
static gboolean on_writable(gint fd, GIOCondition condition, gpointer opaque);

VtMonitor *
vt_monitor_new(VtMonitorServer *server, int in, int out, bool is_socket)
{
    VtMonitor *monitor = vt_monitor_new_detached(server->service);

    monitor->server = server;
    monitor->in = in;
    monitor->out = out;
    monitor->is_socket = is_socket;
    vt_monitor_append_greeting(monitor, monitor->pending);
    vt_monitor_flush(monitor);
    return monitor;
}

VtMonitor *
vt_monitor_new_detached(VtService *service)
{
    VtMonitor *monitor = g_new0(VtMonitor, 1);

    monitor->service = service;
    monitor->in = monitor->out = -1;
    monitor->pending = g_string_new(NULL);
    vt_json_split_init(&monitor->split);
    return monitor;
}

void
vt_monitor_free(VtMonitor *monitor)
{
    if (!monitor) {
        return;
    }
    g_clear_handle_id(&monitor->in_watch, g_source_remove);
    g_clear_handle_id(&monitor->out_watch, g_source_remove);
    if (monitor->is_socket) {
        close(monitor->in);
    }
    vt_json_split_clear(&monitor->split);
    g_string_free(monitor->pending, TRUE);
    g_free(monitor);
}

VtService *
vt_monitor_service(VtMonitor *monitor)
{
    return monitor->service;
}

/* ---- writing ------------------------------------------------------------------------------------------- */

/* Standard output may be shared with others, so it is not made non-blocking: what a pipe takes at once is written. */
static ssize_t
write_some(VtMonitor *monitor, const char *text, size_t len)
{
    struct pollfd ready = {.fd = monitor->out, .events = POLLOUT};

    if (monitor->is_socket) {
        return send(monitor->out, text, len, MSG_NOSIGNAL | MSG_DONTWAIT);
    }
    if (poll(&ready, 1, 0) == 0) {
        errno = EAGAIN;
        return -1;
    }
    return write(monitor->out, text, MIN(len, PIPE_BUF));
}

void
vt_monitor_flush(VtMonitor *monitor)
{
    while (monitor->pending_done < monitor->pending->len && !monitor->broken && monitor->out >= 0) {
        ssize_t n = write_some(monitor, monitor->pending->str + monitor->pending_done,
                               monitor->pending->len - monitor->pending_done);

        if (n >= 0) {
            monitor->pending_done += n;
        } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
            if (!monitor->out_watch) {
                monitor->out_watch = g_unix_fd_add(monitor->out, G_IO_OUT, on_writable, monitor);
            }
            break;
        } else if (errno != EINTR) {
            monitor->broken = true;
        }
    }
    if (monitor->pending_done == monitor->pending->len || monitor->broken) {
        g_string_truncate(monitor->pending, 0);
        monitor->pending_done = 0;
    }
}

void
vt_monitor_send(VtMonitor *monitor, const char *text, size_t len)
{
    if (monitor->broken || monitor->out < 0) {
        return;
    }
    if (monitor->pending->len - monitor->pending_done > PENDING_LIMIT) {
        /* The reading side notices and ends the session. */
        monitor->broken = true;
        shutdown(monitor->out, SHUT_RDWR);
        return;
    }
    if (monitor->answering) {
        /* What a command brings about is told ahead of its answer. */
        g_string_insert_len(monitor->pending, (gssize)monitor->answer_at, text, (gssize)len);
        monitor->answer_at += len;
    } else {
        g_string_append_len(monitor->pending, text, len);
    }
    if (!monitor->in_batch) {
        vt_monitor_flush(monitor);
    }
}

void
vt_monitor_drain(VtMonitor *monitor)
{
    gint64 end = g_get_monotonic_time() + DRAIN_MS * G_TIME_SPAN_MILLISECOND;

    vt_monitor_flush(monitor);
    while (monitor->pending->len > 0 && !monitor->broken && g_get_monotonic_time() < end) {
        struct pollfd ready = {.fd = monitor->out, .events = POLLOUT};

        poll(&ready, 1, 10);
        vt_monitor_flush(monitor);
    }
}

/* ---- reading ------------------------------------------------------------------------------------------- */

static bool
is_blocked(const VtMonitor *monitor)
{
    return monitor->out_watch != 0;
}

/* Executes what is in the buffer, as far as the client takes the answers. */
static void
process(VtMonitor *monitor)
{
    const char *text, *message;
    size_t len;
    VtSplitResult result = VT_SPLIT_VALUE;

    monitor->in_batch = true;
    while (!monitor->broken && monitor->service->state != VT_SERVICE_SHUTDOWN) {
        if (monitor->pending->len - monitor->pending_done > PENDING_HIGH) {
            vt_monitor_flush(monitor);
        }
        if (is_blocked(monitor)) {
            break;
        }
        result = vt_json_split_next(&monitor->split, &text, &len, &message);
        if (result == VT_SPLIT_VALUE) {
            vt_monitor_execute(monitor, text, len, monitor->pending);
        } else if (result == VT_SPLIT_ERROR) {
            g_autofree char *desc = g_strdup_printf("JSON parse error, %s", message);

            vt_monitor_append_error(monitor->pending, "GenericError", desc, NULL);
        } else {
            break;
        }
    }
    monitor->in_batch = false;
    vt_monitor_flush(monitor);
}

/* Ends the session if there is nothing left to do in it. */
static bool
end_if_done(VtMonitor *monitor)
{
    if (!monitor->broken && (!monitor->eof || is_blocked(monitor))) {
        return false;
    }
    g_ptr_array_remove(monitor->server->sessions, monitor);
    return true;
}

static gboolean
on_readable(gint fd, GIOCondition condition, gpointer opaque)
{
    VtMonitor *monitor = opaque;
    char *room = vt_json_split_reserve(&monitor->split, READ_SIZE);
    ssize_t n = read(fd, room, READ_SIZE);
    int failure = errno;

    (void)condition;
    vt_json_split_commit(&monitor->split, READ_SIZE, MAX(n, 0));
    if (n > 0) {
        process(monitor);
    } else if (n == 0) {
        monitor->eof = true;
    } else if (failure != EINTR && failure != EAGAIN) {
        monitor->broken = true;
    }
    if (monitor->eof || monitor->broken || is_blocked(monitor) || monitor->service->state == VT_SERVICE_SHUTDOWN) {
        monitor->in_watch = 0;
        end_if_done(monitor);
        return G_SOURCE_REMOVE;
    }
    return G_SOURCE_CONTINUE;
}

static gboolean
on_writable(gint fd, GIOCondition condition, gpointer opaque)
{
    VtMonitor *monitor = opaque;
    guint watch = monitor->out_watch;

    (void)fd;
    (void)condition;
    vt_monitor_flush(monitor);
    if (monitor->pending->len > 0) {
        return G_SOURCE_CONTINUE;
    }
    monitor->out_watch = 0;
    process(monitor);
    if (is_blocked(monitor)) {
        /* A new watch was made; this one goes. */
        g_assert(monitor->out_watch != watch);
    } else if (!end_if_done(monitor)) {
        vt_monitor_start(monitor);
    }
    return G_SOURCE_REMOVE;
}

void
vt_monitor_start(VtMonitor *monitor)
{
    if (!monitor->in_watch && !monitor->eof && !monitor->broken && !is_blocked(monitor) && !monitor->service->held &&
        monitor->service->state != VT_SERVICE_SHUTDOWN) {
        monitor->in_watch = g_unix_fd_add(monitor->in, G_IO_IN | G_IO_HUP | G_IO_ERR, on_readable, monitor);
    }
}
