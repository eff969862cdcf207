/* SPDX-License-Identifier: MIT */
#ifdef CONFIG_SLIRP

#include "user-poll.h"

#include "slirp-library.h"

typedef struct Entry {
    GPollFD fd; /* must be first: a GPollFD * in the source is cast to Entry * */
    bool seen;  /* libslirp requested it for this poll */
} Entry;

struct VtUserPoll {
    GSource source;
    Slirp *slirp;
    VtUserPollFunc before, after;
    void *opaque;
    GPtrArray *entries; /* of Entry: the descriptors in the source */
    GPtrArray *order;   /* of Entry: in libslirp's order for this poll */
    GPtrArray *others;  /* of GPollFD, borrowed */
    gint64 deadline;    /* when libslirp wants to be called at the latest; -1: never */
};

static const struct {
    int slirp, poll;
} bits[] = {
    {SLIRP_POLL_IN, G_IO_IN},   {SLIRP_POLL_OUT, G_IO_OUT}, {SLIRP_POLL_PRI, G_IO_PRI},
    {SLIRP_POLL_ERR, G_IO_ERR}, {SLIRP_POLL_HUP, G_IO_HUP},
};

/* ---- descriptors of libslirp --------------------------------------------------------------------------- */

static Entry *
find(const VtUserPoll *poll, int fd)
{
    for (guint i = 0; i < poll->entries->len; i++) {
        Entry *entry = g_ptr_array_index(poll->entries, i);

        if (entry->fd.fd == fd) {
            return entry;
        }
    }
    return NULL;
}

static int
add_poll(int fd, int events, void *opaque)
{
    VtUserPoll *poll = opaque;
    Entry *entry = find(poll, fd);

    if (!entry) {
        entry = g_new0(Entry, 1);
        entry->fd.fd = fd;
        g_ptr_array_add(poll->entries, entry);
        g_source_add_poll(&poll->source, &entry->fd);
    }
    entry->fd.events = entry->fd.revents = 0;
    for (size_t i = 0; i < G_N_ELEMENTS(bits); i++) {
        entry->fd.events |= events & bits[i].slirp ? bits[i].poll : 0;
    }
    entry->seen = true;
    g_ptr_array_add(poll->order, entry);
    return (int)poll->order->len - 1;
}

static int
get_revents(int index, void *opaque)
{
    const Entry *entry = g_ptr_array_index(((VtUserPoll *)opaque)->order, index);
    int events = 0;

    for (size_t i = 0; i < G_N_ELEMENTS(bits); i++) {
        events |= entry->fd.revents & bits[i].poll ? bits[i].slirp : 0;
    }
    return events;
}

static void
drop(VtUserPoll *poll, guint index)
{
    g_source_remove_poll(&poll->source, g_ptr_array_index(poll->entries, index));
    g_ptr_array_remove_index_fast(poll->entries, index);
}

void
vt_user_poll_forget(VtUserPoll *poll, int fd)
{
    Entry *entry = find(poll, fd);

    /* libslirp may query the events of a poll until it has handled all of them. */
    if (entry) {
        entry->fd.fd = -1;
        entry->fd.revents = 0;
    }
}

/* ---- the GSource --------------------------------------------------------------------------------------- */

/* Adds and removes only changed descriptors, because each change wakes the main loop. */
static gboolean
prepare(GSource *source, gint *ret_timeout_ms)
{
    VtUserPoll *poll = (VtUserPoll *)source;
    uint32_t timeout = UINT32_MAX;

    for (guint i = 0; i < poll->entries->len; i++) {
        ((Entry *)g_ptr_array_index(poll->entries, i))->seen = false;
    }
    g_ptr_array_set_size(poll->order, 0);
    vt_slirp.pollfds_fill(poll->slirp, &timeout, add_poll, poll);
    for (guint i = poll->entries->len; i-- > 0;) {
        if (!((Entry *)g_ptr_array_index(poll->entries, i))->seen) {
            drop(poll, i);
        }
    }
    poll->before(poll->opaque);
    *ret_timeout_ms = timeout > G_MAXINT ? -1 : (gint)timeout;
    poll->deadline = *ret_timeout_ms < 0 ? -1 : g_source_get_time(source) + *ret_timeout_ms * G_TIME_SPAN_MILLISECOND;
    return FALSE;
}

static gboolean
check(GSource *source)
{
    const VtUserPoll *poll = (const VtUserPoll *)source;

    for (guint i = 0; i < poll->order->len; i++) {
        if (((const Entry *)g_ptr_array_index(poll->order, i))->fd.revents) {
            return TRUE;
        }
    }
    for (guint i = 0; i < poll->others->len; i++) {
        if (((const GPollFD *)g_ptr_array_index(poll->others, i))->revents) {
            return TRUE;
        }
    }
    return poll->deadline >= 0 && g_source_get_time(source) >= poll->deadline;
}

static gboolean
dispatch(GSource *source, GSourceFunc func, gpointer opaque)
{
    VtUserPoll *poll = (VtUserPoll *)source;

    (void)func;
    (void)opaque;
    vt_slirp.pollfds_poll(poll->slirp, 0, get_revents, poll);
    g_ptr_array_set_size(poll->order, 0);
    poll->after(poll->opaque);
    return G_SOURCE_CONTINUE;
}

static void
finalize(GSource *source)
{
    VtUserPoll *poll = (VtUserPoll *)source;

    g_ptr_array_unref(poll->others);
    g_ptr_array_unref(poll->order);
    g_ptr_array_unref(poll->entries);
}

VtUserPoll *
vt_user_poll_new(Slirp *slirp, VtUserPollFunc before, VtUserPollFunc after, void *opaque)
{
    static GSourceFuncs funcs = {.prepare = prepare, .check = check, .dispatch = dispatch, .finalize = finalize};
    VtUserPoll *poll = (VtUserPoll *)g_source_new(&funcs, sizeof *poll);

    poll->slirp = slirp;
    poll->before = before;
    poll->after = after;
    poll->opaque = opaque;
    poll->entries = g_ptr_array_new_with_free_func(g_free);
    poll->order = g_ptr_array_new();
    poll->others = g_ptr_array_new();
    g_source_attach(&poll->source, NULL);
    return poll;
}

void
vt_user_poll_free(VtUserPoll *poll)
{
    if (poll) {
        g_source_destroy(&poll->source);
        g_source_unref(&poll->source);
    }
}

void
vt_user_poll_add(VtUserPoll *poll, GPollFD *fd)
{
    g_ptr_array_add(poll->others, fd);
    g_source_add_poll(&poll->source, fd);
}

void
vt_user_poll_remove(VtUserPoll *poll, GPollFD *fd)
{
    g_ptr_array_remove_fast(poll->others, fd);
    g_source_remove_poll(&poll->source, fd);
}

/* ---- clock and timers ---------------------------------------------------------------------------------- */

typedef struct Timer {
    GSource source;
    SlirpTimerCb func;
    void *opaque;
} Timer;

int64_t
vt_user_clock_ns(void *opaque)
{
    (void)opaque;
    return g_get_monotonic_time() * 1000;
}

static gboolean
fire(GSource *source, GSourceFunc func, gpointer opaque)
{
    Timer *timer = (Timer *)source;

    (void)func;
    (void)opaque;
    g_source_set_ready_time(source, -1);
    timer->func(timer->opaque);
    return G_SOURCE_CONTINUE;
}

void *
vt_user_timer_new(SlirpTimerCb func, void *func_opaque, void *opaque)
{
    static GSourceFuncs funcs = {.dispatch = fire};
    Timer *timer = (Timer *)g_source_new(&funcs, sizeof *timer);

    (void)opaque;
    timer->func = func;
    timer->opaque = func_opaque;
    g_source_attach(&timer->source, NULL);
    return timer;
}

void
vt_user_timer_free(void *timer, void *opaque)
{
    (void)opaque;
    g_source_destroy(timer);
    g_source_unref(timer);
}

void
vt_user_timer_mod(void *timer, int64_t expire_ms, void *opaque)
{
    (void)opaque;
    g_source_set_ready_time(timer, expire_ms * G_TIME_SPAN_MILLISECOND);
}

#endif
