/* SPDX-License-Identifier: MIT */
/*
 * Links: two ends, the queue of each end, and filters.
 */
#include "cable.h"

#include <string.h>

#include "vt-runtime/error.h"
#include "vt-runtime/main-thread.h"

/* Maximum length of the queue of an end. */
#define QUEUE_MAX 10000
/* Maximum number of deliveries on all links in one main loop iteration.  The rest waits for the next iteration, so that
 * other sources get their turn even if ends answer each other. */
#define TURN_MAX 1024
/* Maximum nesting of deliveries, such as hubs whose ports answer each other: each level uses stack. */
#define DEPTH_MAX 8

typedef struct Frame {
    size_t size;
    char data[];
} Frame;

struct VtNetEnd {
    const VtNetOps *ops; /* NULL: frames are dropped */
    void *opaque;
    VtNetEnd *peer;
    GQueue queue;     /* of Frame, to be delivered here */
    GQueue filters;   /* of VtNetFilter, borrowed */
    bool delivering;  /* a delivery is active; frames that it causes are queued, which keeps the order */
    bool refused;     /* a sender waits for ready() */
    GList *postponed; /* link in turn.postponed; NULL: none */
};

/* ---- main loop iterations ------------------------------------------------------------------------------ */

static struct {
    GSource *source; /* NULL: no ends exist */
    unsigned n_ends, delivered, depth;
    GQueue postponed; /* of VtNetEnd: ends whose queues wait only for the next iteration */
} turn;

static bool
turn_has_room(void)
{
    return turn.delivered < TURN_MAX && turn.depth < DEPTH_MAX;
}

static void
postpone(VtNetEnd *end)
{
    if (!end->postponed) {
        g_queue_push_tail(&turn.postponed, end);
        end->postponed = turn.postponed.tail;
    }
}

static void
unpostpone(VtNetEnd *end)
{
    if (end->postponed) {
        g_queue_delete_link(&turn.postponed, end->postponed);
        end->postponed = NULL;
    }
}

static gboolean
turn_prepare(GSource *source, gint *ret_timeout_ms)
{
    (void)source;
    turn.delivered = 0;
    *ret_timeout_ms = -1;
    return turn.postponed.length > 0;
}

static gboolean
turn_check(GSource *source)
{
    (void)source;
    return turn.postponed.length > 0;
}

static gboolean
turn_dispatch(GSource *source, GSourceFunc func, gpointer opaque)
{
    (void)source;
    (void)func;
    (void)opaque;
    /* Ends that are postponed meanwhile wait for the next iteration. */
    for (guint n = turn.postponed.length; n && turn.postponed.head && turn_has_room(); n--) {
        VtNetEnd *end = turn.postponed.head->data;

        unpostpone(end);
        vt_net_flush(end);
    }
    return G_SOURCE_CONTINUE;
}

static void
turn_ref(void)
{
    static GSourceFuncs funcs = {.prepare = turn_prepare, .check = turn_check, .dispatch = turn_dispatch};

    if (!turn.n_ends++) {
        turn.source = g_source_new(&funcs, sizeof(GSource));
        g_source_set_name(turn.source, "cables");
        g_source_attach(turn.source, NULL);
    }
}

static void
turn_unref(void)
{
    if (!--turn.n_ends) {
        g_source_destroy(turn.source);
        g_clear_pointer(&turn.source, g_source_unref);
    }
}

/* ---- ends ---------------------------------------------------------------------------------------------- */

VtNetEnd *
vt_net_end_new(const VtNetOps *ops, void *opaque)
{
    VtNetEnd *end = g_new0(VtNetEnd, 1);

    end->ops = ops;
    end->opaque = opaque;
    g_queue_init(&end->queue);
    g_queue_init(&end->filters);
    turn_ref();
    return end;
}

void
vt_net_end_set(VtNetEnd *end, const VtNetOps *ops, void *opaque)
{
    end->ops = ops;
    end->opaque = opaque;
    g_queue_clear_full(&end->queue, g_free);
}

void
vt_net_end_free(VtNetEnd *end)
{
    if (!end) {
        return;
    }
    g_assert(!end->delivering);
    vt_net_disconnect(end);
    while (end->filters.head) {
        vt_net_filter_remove(end->filters.head->data);
    }
    g_queue_clear_full(&end->queue, g_free);
    unpostpone(end);
    turn_unref();
    g_free(end);
}

bool
vt_net_connect(VtNetEnd *a, VtNetEnd *b, GError **error)
{
    vt_assert_main();
    if (a == b || a->peer || b->peer) {
        return vt_error_set(error, "already connected to another device or hub");
    }
    a->peer = b;
    b->peer = a;
    return true;
}

void
vt_net_disconnect(VtNetEnd *end)
{
    VtNetEnd *ends[] = {end, end->peer};

    for (size_t i = 0; end->peer && i < G_N_ELEMENTS(ends); i++) {
        g_queue_clear_full(&ends[i]->queue, g_free);
        ends[i]->refused = false;
    }
    if (end->peer) {
        end->peer->peer = NULL;
        end->peer = NULL;
    }
}

/* ---- bytes --------------------------------------------------------------------------------------------- */

size_t
vt_iov_size(const struct iovec *iov, size_t n)
{
    size_t size = 0;

    for (size_t i = 0; i < n; i++) {
        size += iov[i].iov_len;
    }
    return size;
}

size_t
vt_iov_copy(const struct iovec *iov, size_t n, size_t offset, void *data, size_t size)
{
    size_t done = 0;

    for (size_t i = 0; i < n && done < size; i++) {
        size_t skipped = MIN(offset, iov[i].iov_len);
        size_t part = MIN(iov[i].iov_len - skipped, size - done);

        if (part) {
            memcpy((char *)data + done, (const char *)iov[i].iov_base + skipped, part);
        }
        offset -= skipped;
        done += part;
    }
    return done;
}

/* ---- delivery ------------------------------------------------------------------------------------------ */

static bool
can_receive(const VtNetEnd *end)
{
    return !end->ops || !end->ops->can_receive || end->ops->can_receive(end->opaque);
}

static bool
deliver(VtNetEnd *end, const struct iovec *iov, size_t n)
{
    bool taken;

    turn.delivered++;
    if (!end->ops) {
        return true;
    }
    end->delivering = true;
    turn.depth++;
    taken = end->ops->deliver(end->opaque, iov, n);
    turn.depth--;
    end->delivering = false;
    return taken;
}

/* Delivers the queue, as far as the end accepts it. */
static void
drain(VtNetEnd *end)
{
    while (!end->delivering && end->queue.head && can_receive(end)) {
        if (!turn_has_room()) {
            postpone(end);
            return;
        }
        g_autofree Frame *frame = g_queue_pop_head(&end->queue);
        struct iovec iov = {frame->data, frame->size};

        if (!deliver(end, &iov, 1)) {
            g_queue_push_head(&end->queue, g_steal_pointer(&frame));
            return;
        }
    }
}

static void
keep(VtNetEnd *end, const struct iovec *iov, size_t n, bool first)
{
    size_t size = vt_iov_size(iov, n);
    Frame *frame;

    if (g_queue_get_length(&end->queue) >= QUEUE_MAX) {
        return;
    }
    frame = g_malloc(sizeof(Frame) + size);
    frame->size = size;
    vt_iov_copy(iov, n, 0, frame->data, size);
    if (first) {
        g_queue_push_head(&end->queue, frame);
    } else {
        g_queue_push_tail(&end->queue, frame);
    }
}

static void
show(VtNetEnd *sender, const struct iovec *iov, size_t n)
{
    for (GList *link = sender->filters.head; link; link = link->next) {
        const VtNetFilter *filter = link->data;

        if (filter->enabled && filter->tx) {
            filter->see(filter->opaque, iov, n);
        }
    }
    for (GList *link = sender->peer->filters.tail; link; link = link->prev) {
        const VtNetFilter *filter = link->data;

        if (filter->enabled && filter->rx) {
            filter->see(filter->opaque, iov, n);
        }
    }
}

bool
vt_net_send(VtNetEnd *end, const struct iovec *iov, size_t n)
{
    VtNetEnd *peer = end->peer;
    bool tried;

    if (!peer || vt_iov_size(iov, n) > VT_NET_FRAME_MAX) {
        return true;
    }
    show(end, iov, n);
    tried = !peer->delivering && !peer->queue.head && turn_has_room() && can_receive(peer);
    if (tried && deliver(peer, iov, n)) {
        drain(peer);
        return true;
    }
    keep(peer, iov, n, tried);
    /* A frame sent during a delivery is queued and delivered right after it. */
    if (peer->delivering) {
        return true;
    }
    if (!turn_has_room()) {
        postpone(peer);
    }
    peer->refused = true;
    return false;
}

bool
vt_net_can_send(VtNetEnd *end)
{
    if (!end->peer || (!end->peer->queue.head && turn_has_room() && can_receive(end->peer))) {
        return true;
    }
    if (!turn_has_room()) {
        postpone(end->peer);
    }
    end->peer->refused = true;
    return false;
}

void
vt_net_flush(VtNetEnd *end)
{
    drain(end);
    if (end->refused && !end->queue.head && can_receive(end)) {
        end->refused = false;
        if (end->peer && end->peer->ops && end->peer->ops->ready) {
            end->peer->ops->ready(end->peer->opaque);
        }
    }
}

/* ---- filters ------------------------------------------------------------------------------------------- */

void
vt_net_filter_add(VtNetEnd *end, VtNetFilter *filter, VtNetFilter *after)
{
    GList *link = after ? g_queue_find(&end->filters, after) : NULL;

    g_assert(!filter->end && (link || !after));
    if (link) {
        g_queue_insert_after(&end->filters, link, filter);
    } else {
        g_queue_push_head(&end->filters, filter);
    }
    filter->end = end;
}

void
vt_net_filter_remove(VtNetFilter *filter)
{
    if (filter->end) {
        g_queue_remove(&filter->end->filters, filter);
        filter->end = NULL;
    }
}

VtNetFilter *
vt_net_filter_previous(VtNetEnd *end, VtNetFilter *filter)
{
    GList *link = filter ? g_queue_find(&end->filters, filter) : NULL;

    if (!filter) {
        return g_queue_peek_tail(&end->filters);
    }
    return link && link->prev ? link->prev->data : NULL;
}
