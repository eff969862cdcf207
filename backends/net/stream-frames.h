/* SPDX-License-Identifier: MIT */
/*
 * The frames of a connection, each behind its length: four bytes, the highest first.
 */
#pragma once

#include "vt-backends/net.h"

typedef struct VtStreamFrames {
    VtNetEnd *end;
    void (*lost)(void *opaque); /* the connection is over; called by the main loop or vt_net_flush() */
    void *opaque;
    int fd;    /* -1: there is no connection, and what is sent is dropped */
    bool held; /* nothing is read until the other end is ready */
    guint reader, writer;
    size_t size, start; /* what was read and not yet sent on: data[start, size) */
    GByteArray *unsent; /* the rest of a frame whose beginning is written */
    uint8_t *data;      /* NULL: there is no connection */
} VtStreamFrames;

/* Of an end whose opaque is the frames. */
extern const VtNetOps vt_stream_ops;

void vt_stream_frames_init(VtStreamFrames *frames, VtNetEnd *end, void (*lost)(void *opaque), void *opaque);
void vt_stream_frames_clear(VtStreamFrames *frames);
/* @fd is a connection from here on; borrowed until it is closed, by the caller, right after vt_stream_frames_stop(). */
void vt_stream_frames_start(VtStreamFrames *frames, int fd);
void vt_stream_frames_stop(VtStreamFrames *frames);
