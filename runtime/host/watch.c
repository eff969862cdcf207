/* SPDX-License-Identifier: MIT */
#include "vt-runtime/watch.h"

#include <assert.h>
#include <stdbool.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <glib-unix.h>

#define TURN   16 /* watches served in one iteration of the loop */
#define ALWAYS (G_IO_ERR | G_IO_HUP)

static_assert((int)EPOLLIN == (int)G_IO_IN && (int)EPOLLOUT == (int)G_IO_OUT && (int)EPOLLERR == (int)G_IO_ERR &&
                  (int)EPOLLHUP == (int)G_IO_HUP,
              "conditions are events of epoll");

struct VtWatch {
    int fd;
    GIOCondition conditions; /* 0: disabled */
    VtWatchFunc ready;
    void *opaque;
    bool is_joined; /* the watch is in the epoll set */
    guint direct;   /* its GSource if epoll does not support the descriptor; 0: none */
};

typedef struct Set {
    GSource source;
    int fd;                        /* the epoll descriptor */
    struct epoll_event turn[TURN]; /* events of the current dispatch; data.ptr is NULL if the watch was removed */
    int n_turn;
} Set;

static Set *set; /* of all watches; NULL: no watches exist */
static guint n_watches;

static gboolean
dispatch(GSource *source, GSourceFunc callback, gpointer opaque)
{
    Set *own = (Set *)source;

    (void)callback;
    (void)opaque;
    assert(!own->n_turn);
    own->n_turn = epoll_wait(own->fd, own->turn, TURN, 0);
    for (int i = 0; i < own->n_turn; i++) {
        VtWatch *watch = own->turn[i].data.ptr;

        if (watch && own->turn[i].events & (uint32_t)(watch->conditions | ALWAYS)) {
            watch->ready(watch->opaque);
        }
    }
    own->n_turn = 0;
    return G_SOURCE_CONTINUE;
}

static void
finalize(GSource *source)
{
    close(((Set *)source)->fd);
}

static Set *
set_new(void)
{
    static GSourceFuncs funcs = {.dispatch = dispatch, .finalize = finalize};
    int fd = epoll_create1(EPOLL_CLOEXEC);
    GSource *source;

    if (fd < 0) {
        return NULL;
    }
    source = g_source_new(&funcs, sizeof(Set));
    ((Set *)source)->fd = fd;
    g_source_add_unix_fd(source, fd, G_IO_IN);
    /* Otherwise GLib removes the descriptor during each dispatch, and wakes up the loop when it adds it again. */
    g_source_set_can_recurse(source, TRUE);
    g_source_attach(source, NULL);
    return (Set *)source;
}

/* ---- watches ----------------------------------------------------------------------------------------- */

/* Adds the watch to the epoll set, or updates it. Returns false if epoll does not support the descriptor. */
static bool
join(VtWatch *watch)
{
    struct epoll_event event = {.events = watch->conditions, .data.ptr = watch};
    int operation = watch->is_joined ? EPOLL_CTL_MOD : EPOLL_CTL_ADD;

    if (!set || epoll_ctl(set->fd, operation, watch->fd, &event) < 0) {
        return false;
    }
    watch->is_joined = true;
    return true;
}

static void
leave(VtWatch *watch)
{
    g_clear_handle_id(&watch->direct, g_source_remove);
    if (!watch->is_joined) {
        return;
    }
    epoll_ctl(set->fd, EPOLL_CTL_DEL, watch->fd, NULL);
    watch->is_joined = false;
    for (int i = 0; i < set->n_turn; i++) {
        if (set->turn[i].data.ptr == watch) {
            set->turn[i].data.ptr = NULL;
        }
    }
}

static gboolean
on_direct(gint fd, GIOCondition condition, gpointer opaque)
{
    VtWatch *watch = opaque;

    (void)fd;
    (void)condition;
    watch->ready(watch->opaque);
    /* If the callback removed the source, GLib ignores this value. */
    return G_SOURCE_CONTINUE;
}

void
vt_watch_set(VtWatch *watch, GIOCondition conditions)
{
    if (watch->conditions == conditions) {
        return;
    }
    watch->conditions = conditions;
    if (conditions && !watch->direct && join(watch)) {
        return;
    }
    leave(watch);
    if (conditions) {
        watch->direct = g_unix_fd_add(watch->fd, conditions | ALWAYS, on_direct, watch);
    }
}

VtWatch *
vt_watch_new(int fd, VtWatchFunc ready, void *opaque)
{
    VtWatch *watch = g_new(VtWatch, 1);

    *watch = (VtWatch){.fd = fd, .ready = ready, .opaque = opaque};
    n_watches++;
    if (!set) {
        set = set_new();
    }
    return watch;
}

void
vt_watch_free(VtWatch *watch)
{
    if (!watch) {
        return;
    }
    leave(watch);
    g_free(watch);
    if (--n_watches == 0 && set) {
        g_source_destroy(&set->source);
        g_source_unref(&set->source);
        set = NULL;
    }
}
