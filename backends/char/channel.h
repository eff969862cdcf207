/* SPDX-License-Identifier: MIT */
/*
 * Channels: a character device on open file descriptors.
 *
 * What can be read is delivered as far as the front end takes it; while it takes nothing, nothing is read.  A write
 * that the host does not take at once is said to be short, and vt_chardev_writable() follows.
 */
#pragma once

#include <sys/types.h>

#include "chardev.h"
#include "vt-runtime/write-report.h"

typedef struct VtCharChannel VtCharChannel;

/* How bytes pass, where it is not by read() and write().  As those: -1 and errno; EAGAIN where it has to wait. */
typedef struct VtChannelIo {
    ssize_t (*read)(VtCharChannel *channel, void *data, size_t size);
    ssize_t (*write)(VtCharChannel *channel, const void *data, size_t size);
    /* Writes what it has taken and could not pass on; false: it still owes it.  NULL: it never does. */
    bool (*flush)(VtCharChannel *channel);
    /* Bytes that can be read though the descriptor does not say so; NULL: never. */
    size_t (*pending)(VtCharChannel *channel);
} VtChannelIo;

struct VtCharChannel {
    VtObject *chardev;
    int in, out;           /* -1: none; not owned */
    const VtChannelIo *io; /* NULL: read() and write() */
    void *io_data;
    /* The other end has gone, @number says why (errno), or 0.  The channel is stopped. */
    void (*ended)(VtCharChannel *channel, int number);
    VtWriteReport report; /* of writes that fail */
    bool blocks;          /* the descriptor for writing waits where it should not: it is asked before */
    bool keeps_out;       /* the end of input is not the end of output */
    bool endless;         /* there is no end: that nothing could be read says nothing of what comes */
    guint in_watch, gone_watch, out_watch, pending_idle;
};

/* All other members are set. */
void vt_channel_start(VtCharChannel *channel);
void vt_channel_stop(VtCharChannel *channel);
bool vt_channel_is_started(const VtCharChannel *channel);
/* vt_chardev_room() may be another now. */
void vt_channel_update(VtCharChannel *channel);
size_t vt_channel_write(VtCharChannel *channel, const uint8_t *data, size_t size);
