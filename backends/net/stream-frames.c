/* SPDX-License-Identifier: MIT */
#include "stream-frames.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <glib-unix.h>

#define HEADER_SIZE 4
#define READ_SIZE   (256 << 10)

/* ---- receive ------------------------------------------------------------------------------------------- */

/* Sends on each complete frame.  False: the length of a frame is invalid. */
static bool
send_on(VtStreamFrames *frames)
{
    while (!frames->held && frames->size - frames->start >= HEADER_SIZE) {
        uint8_t *head = frames->data + frames->start;
        uint32_t length;
        struct iovec iov;

        memcpy(&length, head, HEADER_SIZE);
        length = GUINT32_FROM_BE(length);
        if (length > VT_NET_FRAME_MAX) {
            return false;
        }
        if (frames->size - frames->start - HEADER_SIZE < length) {
            break;
        }
        frames->start += HEADER_SIZE + length;
        iov = (struct iovec){head + HEADER_SIZE, length};
        frames->held = !vt_net_send(frames->end, &iov, 1);
    }
    memmove(frames->data, frames->data + frames->start, frames->size - frames->start);
    frames->size -= frames->start;
    frames->start = 0;
    return true;
}

static gboolean
on_readable(gint fd, GIOCondition condition, gpointer opaque)
{
    VtStreamFrames *frames = opaque;
    ssize_t got = read(fd, frames->data + frames->size, READ_SIZE - frames->size);

    (void)condition;
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) {
        return G_SOURCE_CONTINUE;
    }
    if (got > 0) {
        frames->size += (size_t)got;
    }
    if (got <= 0 || !send_on(frames)) {
        frames->reader = 0;
        frames->lost(frames->opaque);
        return G_SOURCE_REMOVE;
    }
    if (frames->held) {
        frames->reader = 0;
        return G_SOURCE_REMOVE;
    }
    return G_SOURCE_CONTINUE;
}

static void
ready(void *opaque)
{
    VtStreamFrames *frames = opaque;

    if (!frames->held) {
        return;
    }
    frames->held = false;
    if (!send_on(frames)) {
        frames->lost(frames->opaque);
    } else if (!frames->held) {
        frames->reader = g_unix_fd_add(frames->fd, G_IO_IN, on_readable, frames);
    }
}

/* ---- send ---------------------------------------------------------------------------------------------- */

static gboolean
on_writable(gint fd, GIOCondition condition, gpointer opaque)
{
    VtStreamFrames *frames = opaque;
    ssize_t put = send(fd, frames->unsent->data, frames->unsent->len, MSG_NOSIGNAL);

    (void)condition;
    if (put < 0 && errno != EAGAIN && errno != EINTR) {
        frames->writer = 0;
        frames->lost(frames->opaque);
        return G_SOURCE_REMOVE;
    }
    g_byte_array_remove_range(frames->unsent, 0, (guint)MAX(put, 0));
    if (frames->unsent->len) {
        return G_SOURCE_CONTINUE;
    }
    frames->writer = 0;
    vt_net_flush(frames->end);
    return G_SOURCE_REMOVE;
}

static bool
can_receive(void *opaque)
{
    const VtStreamFrames *frames = opaque;

    return !frames->unsent->len;
}

static bool
deliver(void *opaque, const struct iovec *iov, size_t n)
{
    VtStreamFrames *frames = opaque;
    size_t length = vt_iov_size(iov, n), size = HEADER_SIZE + length;
    uint32_t head = GUINT32_TO_BE((uint32_t)length);
    struct iovec parts[8] = {{&head, HEADER_SIZE}};
    struct msghdr message = {.msg_iov = parts, .msg_iovlen = n + 1};
    g_autofree char *joined = NULL;
    ssize_t put;

    if (frames->fd < 0) {
        return true;
    }
    if (n < G_N_ELEMENTS(parts)) {
        memcpy(parts + 1, iov, n * sizeof *iov);
    } else {
        joined = g_malloc(length);
        vt_iov_copy(iov, n, 0, joined, length);
        parts[1] = (struct iovec){joined, length};
        message.msg_iovlen = 2;
    }
    put = sendmsg(frames->fd, &message, MSG_NOSIGNAL);
    if (put < 0 && errno != EAGAIN && errno != EINTR) {
        /* The read side detects and handles the end of the connection. */
        return true;
    }
    if ((size_t)MAX(put, 0) < size) {
        size_t done = (size_t)MAX(put, 0), in_head = MIN(done, HEADER_SIZE);

        g_byte_array_append(frames->unsent, (const uint8_t *)&head + in_head, (guint)(HEADER_SIZE - in_head));
        for (size_t i = 0, skip = done - in_head; i < n; i++) {
            size_t part = MIN(skip, iov[i].iov_len);

            g_byte_array_append(frames->unsent, (const uint8_t *)iov[i].iov_base + part,
                                (guint)(iov[i].iov_len - part));
            skip -= part;
        }
        frames->writer = g_unix_fd_add(frames->fd, G_IO_OUT, on_writable, frames);
    }
    return true;
}

const VtNetOps vt_stream_ops = {.deliver = deliver, .can_receive = can_receive, .ready = ready};

/* ---- a connection -------------------------------------------------------------------------------------- */

void
vt_stream_frames_init(VtStreamFrames *frames, VtNetEnd *end, void (*lost)(void *opaque), void *opaque)
{
    *frames = (VtStreamFrames){.end = end, .lost = lost, .opaque = opaque, .fd = -1, .unsent = g_byte_array_new()};
}

void
vt_stream_frames_clear(VtStreamFrames *frames)
{
    vt_stream_frames_stop(frames);
    g_clear_pointer(&frames->unsent, g_byte_array_unref);
}

void
vt_stream_frames_start(VtStreamFrames *frames, int fd)
{
    frames->fd = fd;
    frames->data = g_malloc(READ_SIZE);
    frames->reader = g_unix_fd_add(fd, G_IO_IN, on_readable, frames);
}

void
vt_stream_frames_stop(VtStreamFrames *frames)
{
    g_clear_handle_id(&frames->reader, g_source_remove);
    g_clear_handle_id(&frames->writer, g_source_remove);
    g_clear_pointer(&frames->data, g_free);
    g_byte_array_set_size(frames->unsent, 0);
    frames->size = frames->start = 0;
    frames->held = false;
    frames->fd = -1;
}
