/* SPDX-License-Identifier: MIT */
#include "channel.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <glib-unix.h>

#define READ_SIZE ((size_t)64 << 10)

static gboolean on_readable(gint fd, GIOCondition condition, gpointer opaque);
static gboolean on_pending(gpointer opaque);
static gboolean on_gone(gint fd, GIOCondition condition, gpointer opaque);

bool
vt_channel_is_started(const VtCharChannel *channel)
{
    return channel->in >= 0 || channel->out >= 0;
}

void
vt_channel_start(VtCharChannel *channel)
{
    vt_channel_update(channel);
}

void
vt_channel_stop(VtCharChannel *channel)
{
    g_clear_handle_id(&channel->in_watch, g_source_remove);
    g_clear_handle_id(&channel->gone_watch, g_source_remove);
    g_clear_handle_id(&channel->out_watch, g_source_remove);
    g_clear_handle_id(&channel->pending_idle, g_source_remove);
    channel->in = channel->out = -1;
}

static void
end(VtCharChannel *channel, int number)
{
    if (channel->keeps_out) {
        g_clear_handle_id(&channel->in_watch, g_source_remove);
        g_clear_handle_id(&channel->gone_watch, g_source_remove);
        channel->in = -1;
        return;
    }
    vt_channel_stop(channel);
    channel->ended(channel, number);
}

/* ---- read ------------------------------------------------------------------------------------------------ */

static ssize_t
read_some(VtCharChannel *channel, void *data, size_t size)
{
    return channel->io ? channel->io->read(channel, data, size) : read(channel->in, data, size);
}

static bool
has_pending(VtCharChannel *channel)
{
    return channel->io && channel->io->pending && channel->io->pending(channel);
}

void
vt_channel_update(VtCharChannel *channel)
{
    bool wanted;

    if (channel->in < 0) {
        return;
    }
    wanted = vt_chardev_room(channel->chardev) > 0;
    if (wanted && !channel->in_watch) {
        channel->in_watch = g_unix_fd_add(channel->in, G_IO_IN | G_IO_HUP | G_IO_ERR, on_readable, channel);
    } else if (!wanted) {
        g_clear_handle_id(&channel->in_watch, g_source_remove);
    }
    if (wanted && !channel->pending_idle && has_pending(channel)) {
        channel->pending_idle = g_idle_add_full(G_PRIORITY_DEFAULT, on_pending, channel, NULL);
    }
    /* A front end that does not read must still detect a disconnect.  A peer that ends its output may still read. */
    if (wanted || channel->endless || channel->out_watch) {
        g_clear_handle_id(&channel->gone_watch, g_source_remove);
    } else if (!channel->gone_watch) {
        channel->gone_watch =
            g_unix_fd_add(channel->in, G_IO_HUP | G_IO_ERR | (GIOCondition)POLLRDHUP, on_gone, channel);
    }
}

/* Reads once.  False: the channel was stopped. */
static bool
take(VtCharChannel *channel)
{
    static uint8_t data[READ_SIZE];
    size_t room = vt_chardev_room(channel->chardev);
    ssize_t n;

    if (!room) {
        return true;
    }
    n = read_some(channel, data, MIN(room, READ_SIZE));
    if (n > 0) {
        vt_chardev_deliver(channel->chardev, data, (size_t)n);
        /* A request to a monitor may hold a secret. */
        explicit_bzero(data, (size_t)n);
        return channel->in >= 0;
    }
    if (channel->endless || (n < 0 && (errno == EAGAIN || errno == EINTR))) {
        return true;
    }
    end(channel, n < 0 ? errno : 0);
    return false;
}

static gboolean
on_readable(gint fd, GIOCondition condition, gpointer opaque)
{
    VtCharChannel *channel = opaque;

    (void)fd;
    (void)condition;
    if (take(channel)) {
        vt_channel_update(channel);
    }
    /* If the watch was removed meanwhile, its handle is already cleared. */
    return G_SOURCE_CONTINUE;
}

static gboolean
on_pending(gpointer opaque)
{
    VtCharChannel *channel = opaque;

    channel->pending_idle = 0;
    if (take(channel)) {
        vt_channel_update(channel);
    }
    return G_SOURCE_REMOVE;
}

/* Data from before the disconnect stays in the descriptor until a front end reads it. */
static gboolean
on_gone(gint fd, GIOCondition condition, gpointer opaque)
{
    VtCharChannel *channel = opaque;
    int n = 0;

    (void)condition;
    if (channel->out_watch) {
        channel->gone_watch = 0;
        return G_SOURCE_REMOVE;
    }
    if (vt_chardev_n_fronts(channel->chardev) && ioctl(fd, FIONREAD, &n) == 0 && n > 0) {
        channel->gone_watch = 0;
        return G_SOURCE_REMOVE;
    }
    end(channel, 0);
    return G_SOURCE_CONTINUE;
}

/* ---- write ----------------------------------------------------------------------------------------------- */

static bool
owes(VtCharChannel *channel)
{
    return channel->io && channel->io->flush && !channel->io->flush(channel);
}

static gboolean
on_writable(gint fd, GIOCondition condition, gpointer opaque)
{
    VtCharChannel *channel = opaque;

    (void)fd;
    (void)condition;
    if (owes(channel)) {
        return G_SOURCE_CONTINUE;
    }
    channel->out_watch = 0;
    vt_chardev_writable(channel->chardev);
    vt_channel_update(channel);
    return G_SOURCE_REMOVE;
}

static void
await_room(VtCharChannel *channel)
{
    if (!channel->out_watch) {
        channel->out_watch = g_unix_fd_add(channel->out, G_IO_OUT, on_writable, channel);
    }
}

static ssize_t
write_some(VtCharChannel *channel, const uint8_t *data, size_t size)
{
    struct pollfd ready = {.fd = channel->out, .events = POLLOUT};

    if (channel->io) {
        return channel->io->write(channel, data, size);
    }
    if (!channel->blocks) {
        return write(channel->out, data, size);
    }
    if (poll(&ready, 1, 0) == 0) {
        errno = EAGAIN;
        return -1;
    }
    /* A pipe that is writable takes at least PIPE_BUF bytes. */
    return write(channel->out, data, MIN(size, PIPE_BUF));
}

size_t
vt_channel_write(VtCharChannel *channel, const uint8_t *data, size_t size)
{
    size_t done = 0;

    while (done < size && channel->out >= 0) {
        ssize_t n = write_some(channel, data + done, size - done);

        if (n >= 0) {
            done += (size_t)n;
            vt_write_report(&channel->report, 0, 0);
        } else if (errno == EAGAIN) {
            await_room(channel);
            return done;
        } else if (errno != EINTR) {
            /* The rest of the input is still read, and its end stops the channel.  The bytes that failed are lost. */
            vt_write_report(&channel->report, errno, size - done);
            return size;
        }
    }
    if (channel->out >= 0 && owes(channel)) {
        await_room(channel);
    }
    return size;
}
