/* SPDX-License-Identifier: MIT */
/*
 * Frames on a stream: each follows its length, four bytes in network byte order.
 */
#pragma once

#include "vt-backends/net.h"

typedef struct VtStreamFrames {
    VtNetEnd *end;
    void (*lost)(void *opaque); /* the connection has ended; called by the main loop or vt_net_flush() */
    void *opaque;
    int fd;    /* -1: no connection; frames are dropped */
    bool held; /* reading is paused until the other end is ready */
    guint reader, writer;
    size_t size, start; /* received bytes not yet sent on: data[start, size) */
    GByteArray *unsent; /* the rest of a frame that is partly written */
    uint8_t *data;      /* NULL: no connection */
} VtStreamFrames;

/* For an end whose opaque is a VtStreamFrames. */
extern const VtNetOps vt_stream_ops;

void vt_stream_frames_init(VtStreamFrames *frames, VtNetEnd *end, void (*lost)(void *opaque), void *opaque);
void vt_stream_frames_clear(VtStreamFrames *frames);
/* Starts the transfer on the connection @fd, which is borrowed.  The caller closes it right after
 * vt_stream_frames_stop(). */
void vt_stream_frames_start(VtStreamFrames *frames, int fd);
void vt_stream_frames_stop(VtStreamFrames *frames);
