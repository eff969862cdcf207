/* SPDX-License-Identifier: MIT */
/*
 * Links that carry Ethernet frames.
 *
 * A link has two ends.  Each network backend is one end; a card or a port of a hub is the other.  A frame sent at one
 * end is delivered at the other, or waits in the queue of the other end.  Main thread only.
 */
#pragma once

#include <sys/uio.h>

#include "vt-runtime/object.h"

/* Maximum size of a frame. */
#define VT_NET_FRAME_MAX ((64 << 10) + 4096)

typedef struct VtNetEnd VtNetEnd;

typedef struct VtNetOps {
    /* Delivers a frame, whose bytes are borrowed.  False: not now; vt_net_flush() repeats the delivery. */
    bool (*deliver)(void *opaque, const struct iovec *iov, size_t n);
    /* Returns whether the end accepts frames.  If not, frames wait for vt_net_flush().  NULL: always. */
    bool (*can_receive)(void *opaque);
    /* Called when the other end accepts frames again, after vt_net_send() or vt_net_can_send() returned false.  May be
     * NULL. */
    void (*ready)(void *opaque);
} VtNetOps;

/* Creates an end for a card, a hub or another user. */
VtNetEnd *vt_net_end_new(const VtNetOps *ops, void *opaque);
/* Disconnects and frees an end.  Never call it from a callback of the end. */
void vt_net_end_free(VtNetEnd *end);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VtNetEnd, vt_net_end_free)

/* The end of the realized network backend @netdev; borrowed. */
VtNetEnd *vt_netdev_end(VtObject *netdev);
/* For the class of a network backend, in realize and unrealize: sets the receiver of its frames.  NULL: frames are
 * dropped. */
void vt_netdev_open(VtObject *netdev, const VtNetOps *ops, void *opaque);

/* Connects two ends that are both disconnected. */
bool vt_net_connect(VtNetEnd *a, VtNetEnd *b, GError **error);
/* Disconnects an end.  The queues of both ends are dropped. */
void vt_net_disconnect(VtNetEnd *end);

/*
 * Sends a frame to the other end.  A frame that is too long, or has no other end, is dropped.  False: the frame waits;
 * send no more until ready().  When the queue is full, new frames are dropped.
 */
bool vt_net_send(VtNetEnd *end, const struct iovec *iov, size_t n);
/* Returns whether the other end accepts or drops a frame at once.  If not, ready() is called when it does. */
bool vt_net_can_send(VtNetEnd *end);
/* The end accepts frames again: delivers its queue. */
void vt_net_flush(VtNetEnd *end);

/* ---- filters ------------------------------------------------------------------------------------------- */

/* A filter that observes the frames of a network backend.  Owned by the caller of vt_net_filter_add(). */
typedef struct VtNetFilter {
    bool rx, tx; /* observe frames that the backend receives, or sends */
    bool enabled;
    void (*see)(void *opaque, const struct iovec *iov, size_t n);
    void *opaque;
    VtNetEnd *end; /* NULL: not in a list */
} VtNetFilter;

/* Inserts @filter after @after; NULL: at the head. */
void vt_net_filter_add(VtNetEnd *end, VtNetFilter *filter, VtNetFilter *after);
void vt_net_filter_remove(VtNetFilter *filter);
/* Returns the filter before @filter.  NULL selects the last filter. */
VtNetFilter *vt_net_filter_previous(VtNetEnd *end, VtNetFilter *filter);

/* ---- bytes --------------------------------------------------------------------------------------------- */

size_t vt_iov_size(const struct iovec *iov, size_t n);
/* Copies up to @size bytes from @offset on; returns how many. */
size_t vt_iov_copy(const struct iovec *iov, size_t n, size_t offset, void *data, size_t size);
