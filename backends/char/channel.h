/* SPDX-License-Identifier: MIT */
/*
 * Channels: a character device on open file descriptors.
 *
 * The channel reads no more than the front end accepts.  A short write means that the host accepts no more for now;
 * vt_chardev_writable() follows.
 */
#pragma once

#include <sys/types.h>

#include "chardev.h"
#include "vt-runtime/write-report.h"

typedef struct VtCharChannel VtCharChannel;

/* Replaces read() and write().  Both return -1 and set errno; EAGAIN if they would block. */
typedef struct VtChannelIo {
    ssize_t (*read)(VtCharChannel *channel, void *data, size_t size);
    ssize_t (*write)(VtCharChannel *channel, const void *data, size_t size);
    /* Sends buffered bytes that an earlier write accepted.  False: some remain.  NULL: the channel buffers nothing. */
    bool (*flush)(VtCharChannel *channel);
    /* Buffered bytes that can be read although the descriptor is not readable.  NULL: none. */
    size_t (*pending)(VtCharChannel *channel);
} VtChannelIo;

struct VtCharChannel {
    VtObject *chardev;
    int in, out;           /* -1: none; not owned */
    const VtChannelIo *io; /* NULL: read() and write() */
    void *io_data;
    /* Called after the other end has disconnected and the channel has stopped.  @number is an errno, or 0. */
    void (*ended)(VtCharChannel *channel, int number);
    VtWriteReport report; /* reports failed writes */
    bool blocks;          /* the output descriptor is in blocking mode: poll it before each write */
    bool keeps_out;       /* the end of input does not end the output */
    bool endless;         /* input has no end: an empty read does not stop the channel */
    guint in_watch, gone_watch, out_watch, pending_idle;
};

/* Call after all other members are set. */
void vt_channel_start(VtCharChannel *channel);
void vt_channel_stop(VtCharChannel *channel);
bool vt_channel_is_started(const VtCharChannel *channel);
/* Call when vt_chardev_room() may have changed. */
void vt_channel_update(VtCharChannel *channel);
size_t vt_channel_write(VtCharChannel *channel, const uint8_t *data, size_t size);
