/* SPDX-License-Identifier: MIT */
#include "packets.h"

#include "cable.h"
#include "vt-runtime/iovec.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include <glib-unix.h>

#define PARTS_MAX 8
/* Frames read in one main loop dispatch. */
#define BURST 64

typedef struct Queue {
    VtPackets *packets;
    int fd;
    guint reader;
} Queue;

/* ---- receive ------------------------------------------------------------------------------------------- */

static gboolean
on_readable(gint fd, GIOCondition condition, gpointer opaque)
{
    Queue *queue = opaque;
    VtPackets *packets = queue->packets;
    size_t before = packets->header_size;

    (void)condition;
    for (int i = 0; i < BURST; i++) {
        ssize_t got = read(fd, packets->data, VT_PACKET_HEADER_MAX + VT_NET_FRAME_MAX);
        struct iovec iov = {packets->data + before, (size_t)got - before};

        if (got < 0 && (packets->passes || errno == EAGAIN || errno == EINTR)) {
            return G_SOURCE_CONTINUE;
        }
        /* The descriptor was closed, or the other end accepts no more frames. */
        if (got < 0 || ((size_t)got > before && !vt_net_send(packets->end, &iov, 1))) {
            queue->reader = 0;
            return G_SOURCE_REMOVE;
        }
    }
    return G_SOURCE_CONTINUE;
}

static void
ready(void *opaque)
{
    VtPackets *packets = opaque;

    for (guint i = 0; i < packets->queues->len; i++) {
        Queue *queue = g_ptr_array_index(packets->queues, i);

        if (!queue->reader) {
            queue->reader = g_unix_fd_add(queue->fd, G_IO_IN, on_readable, queue);
        }
    }
}

/* ---- send ---------------------------------------------------------------------------------------------- */

static gboolean
on_writable(gint fd, GIOCondition condition, gpointer opaque)
{
    VtPackets *packets = opaque;

    (void)fd;
    (void)condition;
    packets->writer = 0;
    vt_net_flush(packets->end);
    return G_SOURCE_REMOVE;
}

static bool
can_receive(void *opaque)
{
    return !((VtPackets *)opaque)->writer;
}

static ssize_t
put(VtPackets *packets, int fd, struct iovec *iov, size_t n)
{
    struct msghdr message = {
        .msg_name = &packets->to.u, .msg_namelen = packets->to.size, .msg_iov = iov, .msg_iovlen = n};

    return packets->to.size ? sendmsg(fd, &message, 0) : writev(fd, iov, (int)n);
}

static bool
deliver(void *opaque, const struct iovec *iov, size_t n)
{
    static const uint8_t header[VT_PACKET_HEADER_MAX];
    VtPackets *packets = opaque;
    struct iovec parts[PARTS_MAX] = {vt_iovec(header, packets->header_size)};
    int fd = ((Queue *)g_ptr_array_index(packets->queues, 0))->fd;
    g_autofree char *joined = NULL;

    if (n < PARTS_MAX) {
        memcpy(parts + 1, iov, n * sizeof *iov);
    } else {
        size_t size = vt_iov_size(iov, n);

        joined = g_malloc(size);
        vt_iov_copy(iov, n, 0, joined, size);
        parts[1] = (struct iovec){joined, size};
        n = 1;
    }
    if (put(packets, fd, parts, n + 1) < 0 && errno == EAGAIN) {
        packets->writer = g_unix_fd_add(fd, G_IO_OUT, on_writable, packets);
        return false;
    }
    /* A frame that cannot be sent is dropped, as on a real link. */
    return true;
}

/* ---- descriptors --------------------------------------------------------------------------------------- */

static void
queue_free(void *opaque)
{
    Queue *queue = opaque;

    g_clear_handle_id(&queue->reader, g_source_remove);
    if (queue->fd >= 0) {
        close(queue->fd);
    }
    g_free(queue);
}

void
vt_packets_add(VtPackets *packets, int fd)
{
    Queue *queue = g_new(Queue, 1);

    *queue = (Queue){packets, fd, 0};
    if (!packets->queues) {
        packets->queues = g_ptr_array_new_with_free_func(queue_free);
    }
    g_ptr_array_add(packets->queues, queue);
}

void
vt_packets_start(VtPackets *packets)
{
    static const VtNetOps ops = {.deliver = deliver, .can_receive = can_receive, .ready = ready};

    g_assert(packets->header_size <= VT_PACKET_HEADER_MAX);
    packets->data = g_malloc(VT_PACKET_HEADER_MAX + VT_NET_FRAME_MAX);
    vt_net_end_set(packets->end, &ops, packets);
    ready(packets);
}

void
vt_packets_clear(VtPackets *packets)
{
    vt_net_end_set(packets->end, NULL, NULL);
    g_clear_handle_id(&packets->writer, g_source_remove);
    g_clear_pointer(&packets->queues, g_ptr_array_unref);
    g_clear_pointer(&packets->data, g_free);
}

GArray *
vt_packets_take(VtPackets *packets)
{
    GArray *fds = g_array_new(FALSE, FALSE, sizeof(int));

    for (guint i = 0; packets->queues && i < packets->queues->len; i++) {
        Queue *queue = g_ptr_array_index(packets->queues, i);

        g_array_append_val(fds, queue->fd);
        queue->fd = -1;
    }
    vt_packets_clear(packets);
    return fds;
}
