/* SPDX-License-Identifier: MIT */
/*
 * Cables that carry Ethernet frames.
 *
 * A cable has two ends.  Each network backend is one; a card, or a port of a hub, is the other.  What is sent at one
 * end is delivered at the other, or waits there in its order.  Main thread only.
 */
#pragma once

#include <sys/uio.h>

#include "vt-runtime/object.h"

/* No frame is longer. */
#define VT_NET_FRAME_MAX ((64 << 10) + 4096)

typedef struct VtNetEnd VtNetEnd;

typedef struct VtNetOps {
    /* Takes a frame, whose bytes are borrowed.  False: not now; the frame comes again after vt_net_flush(). */
    bool (*deliver)(void *opaque, const struct iovec *iov, size_t n);
    /* NULL: always.  Where not, frames wait for vt_net_flush(). */
    bool (*can_receive)(void *opaque);
    /* The other end takes frames again, after vt_net_send() or vt_net_can_send() said no.  NULL: nothing waits for
     * that. */
    void (*ready)(void *opaque);
} VtNetOps;

/* An end that is no network backend's. */
VtNetEnd *vt_net_end_new(const VtNetOps *ops, void *opaque);
/* Takes the cable off.  Never from a callback of the end itself. */
void vt_net_end_free(VtNetEnd *end);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VtNetEnd, vt_net_end_free)

/* The end of the network backend @netdev, which is realized; borrowed. */
VtNetEnd *vt_netdev_end(VtObject *netdev);
/* For a network backend's own class, in its realize and unrealize: what becomes of frames sent to it.  NULL: dropped.
 */
void vt_netdev_open(VtObject *netdev, const VtNetOps *ops, void *opaque);

/* Joins two ends that have no cable. */
bool vt_net_connect(VtNetEnd *a, VtNetEnd *b, GError **error);
/* Takes the cable off; what waits at either end is dropped. */
void vt_net_disconnect(VtNetEnd *end);

/*
 * Sends a frame to the other end; one that is longer than a frame can be, or has nowhere to go, is dropped.  False: it
 * waits there, and it is better to send no more before ready().  Who sends on has the latest frames dropped once too
 * many wait.
 */
bool vt_net_send(VtNetEnd *end, const struct iovec *iov, size_t n);
/* Whether the other end would take a frame at once, or drop it.  Where not, ready() tells when it would. */
bool vt_net_can_send(VtNetEnd *end);
/* The end can take frames: those that wait are delivered. */
void vt_net_flush(VtNetEnd *end);

/* ---- filters ------------------------------------------------------------------------------------------- */

/* Sees the frames of a network backend as they pass.  Owned by who adds it. */
typedef struct VtNetFilter {
    bool rx, tx; /* frames that the backend receives, and that it sends */
    bool enabled;
    void (*see)(void *opaque, const struct iovec *iov, size_t n);
    void *opaque;
    VtNetEnd *end; /* NULL: not added */
} VtNetFilter;

/* Behind @after, NULL: at the head. */
void vt_net_filter_add(VtNetEnd *end, VtNetFilter *filter, VtNetFilter *after);
void vt_net_filter_remove(VtNetFilter *filter);
/* The one before @filter; NULL as @filter: the last of all. */
VtNetFilter *vt_net_filter_previous(VtNetEnd *end, VtNetFilter *filter);

/* ---- bytes --------------------------------------------------------------------------------------------- */

size_t vt_iov_size(const struct iovec *iov, size_t n);
/* Copies from byte @offset on as many as there are, @size at most; returns how many. */
size_t vt_iov_copy(const struct iovec *iov, size_t n, size_t offset, void *data, size_t size);
