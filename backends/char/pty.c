/* SPDX-License-Identifier: MIT */
/*
 * pty: a pseudoterminal that another program opens.
 *
 * Output is lost while no program has the terminal open. inotify reports who opens and closes it.  A hang-up shows that
 * the last program has closed it.
 */
#include "pty.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/inotify.h>
#include <termios.h>
#include <unistd.h>

#include <glib-unix.h>

#include "fd.h"
#include "vt-gen/backends.h"
#include "vt-runtime/error.h"
#include "vt-runtime/open-file.h"
#include "vt-runtime/own-path.h"

/* Reads of inotify events in one main loop dispatch. */
#define BURST 16

typedef struct State {
    VtObject *object;
    char *name;
    int master, notify; /* -1: none */
    guint watch;
    unsigned users; /* programs that have it open */
    bool left;      /* the last of them has closed it */
    VtOwnPath *link;
} State;

const VtOps vt_ops_chardev_pty;

static State *
state_of(VtObject *chardev)
{
    return vt_object_state(chardev, &vt_ops_chardev_pty);
}

const char *
vt_pty_name(VtObject *chardev)
{
    return state_of(chardev)->name;
}

static char *
filename(VtObject *chardev)
{
    return g_strdup_printf("pty:%s", state_of(chardev)->name);
}

/* A program may have it open, or may have closed it and left input. */
static void
look(State *state)
{
    VtCharChannel *channel = vt_fd_channel(state->object);
    struct pollfd master = {.fd = state->master, .events = POLLIN};

    if (vt_channel_is_started(channel) || poll(&master, 1, 0) < 0 || (master.revents & (POLLIN | POLLHUP)) == POLLHUP) {
        return;
    }
    channel->in = channel->out = state->master;
    vt_chardev_event(state->object, VT_CHAR_OPENED);
    vt_channel_start(channel);
}

/* Counts opens and closes.  True: the last program has closed it, and another has opened it since. */
static bool
follow(State *state)
{
    char events[4096] __attribute__((aligned(__alignof__(struct inotify_event))));
    bool again = false;
    ssize_t n;

    for (int i = 0; i < BURST && (n = read(state->notify, events, sizeof events)) > 0; i++) {
        const struct inotify_event *event;

        for (char *p = events; p < events + n; p += sizeof *event + event->len) {
            event = (const struct inotify_event *)p;
            if (event->mask & IN_OPEN) {
                again |= state->left;
                state->left = false;
                state->users++;
            } else if (event->mask & IN_CLOSE && state->users) {
                state->left = !--state->users;
            }
        }
    }
    return again;
}

static void
end(State *state)
{
    vt_channel_stop(vt_fd_channel(state->object));
    vt_chardev_event(state->object, VT_CHAR_CLOSED);
    state->left = false;
}

static gboolean
on_notified(gint fd, GIOCondition condition, gpointer opaque)
{
    State *state = opaque;

    (void)fd;
    (void)condition;
    /* The second program opened the terminal so fast that no hang-up was seen in between. */
    if (follow(state) && vt_channel_is_started(vt_fd_channel(state->object))) {
        end(state);
    }
    look(state);
    return G_SOURCE_CONTINUE;
}

static void
on_ended(VtCharChannel *channel, int number)
{
    State *state = state_of(channel->chardev);

    (void)number;
    follow(state);
    end(state);
    /* Another program may have opened it meanwhile. */
    look(state);
}

/* Sets raw mode at creation: output before a program sets its own mode must not be echoed. */
static bool
make_raw(State *state)
{
    struct termios mode;
    int slave = vt_file_open(state->name, O_RDWR, VT_FILE_CHARACTER, 0, NULL);
    bool ok = slave >= 0 && tcgetattr(slave, &mode) == 0;

    if (ok) {
        cfmakeraw(&mode);
        ok = tcsetattr(slave, TCSANOW, &mode) == 0;
    }
    if (slave >= 0) {
        close(slave);
    }
    return ok;
}

static bool
open_terminal(State *state, GError **error)
{
    char name[64];

    state->master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (state->master < 0 || grantpt(state->master) < 0 || unlockpt(state->master) < 0 ||
        ptsname_r(state->master, name, sizeof name) != 0) {
        return vt_error_set(error, "no terminal: %s", g_strerror(errno));
    }
    state->name = g_strdup(name);
    fcntl(state->master, F_SETFL, fcntl(state->master, F_GETFL) | O_NONBLOCK);
    if (!make_raw(state)) {
        return vt_error_set(error, "'%s': %s", name, g_strerror(errno));
    }
    state->notify = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    if (state->notify < 0 || inotify_add_watch(state->notify, name, IN_OPEN | IN_CLOSE) < 0) {
        return vt_error_set(error, "'%s': cannot be watched: %s", name, g_strerror(errno));
    }
    return true;
}

/* Returns whether the link points to a terminal that no longer exists, left by a process that was killed. */
static bool
is_stale(const char *path)
{
    g_autofree char *target = g_file_read_link(path, NULL);

    return target && g_str_has_prefix(target, "/dev/pts/") && access(target, F_OK) < 0 && errno == ENOENT;
}

static bool
make_link(State *state, const char *path, GError **error)
{
    g_autoptr(VtOwnPath) stale = NULL;

    if (!path) {
        return true;
    }
    if (is_stale(path)) {
        stale = vt_own_path_new(path, -1);
        g_clear_pointer(&stale, vt_own_path_remove);
    }
    if (symlink(state->name, path) < 0) {
        return vt_error_set(error, "path: '%s': %s", path, g_strerror(errno));
    }
    state->link = vt_own_path_new(path, -1);
    return true;
}

static void
unrealize(VtObject *object)
{
    State *state = state_of(object);

    vt_channel_stop(vt_fd_channel(object));
    g_clear_handle_id(&state->watch, g_source_remove);
    g_clear_pointer(&state->link, vt_own_path_remove);
    if (state->notify >= 0) {
        close(state->notify);
    }
    if (state->master >= 0) {
        close(state->master);
    }
    state->notify = state->master = -1;
    g_clear_pointer(&state->name, g_free);
}

static bool
realize(VtObject *object, GError **error)
{
    static const VtCharOps ops = {.write = vt_fd_write, .update = vt_fd_update, .filename = filename};
    const VtChardevPty *config = vt_object_config(object);
    State *state = state_of(object);

    *state = (State){.object = object, .master = -1, .notify = -1};
    if (!open_terminal(state, error) || !make_link(state, config->path, error)) {
        unrealize(object);
        return false;
    }
    vt_fd_channel(object)->ended = on_ended;
    vt_chardev_open(object, &ops, false);
    state->watch = g_unix_fd_add(state->notify, G_IO_IN, on_notified, state);
    return true;
}

const VtOps vt_ops_chardev_pty = {.state_size = sizeof(State), .realize = realize, .unrealize = unrealize};
