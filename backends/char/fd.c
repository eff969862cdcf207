/* SPDX-License-Identifier: MIT */
#include "fd.h"

#include <fcntl.h>
#include <unistd.h>

#include "vt-gen/backends.h"
#include "vt-runtime/error.h"

typedef struct State {
    int in, out; /* -1: none */
    VtCharChannel channel;
} State;

const VtOps vt_ops_chardev_fd;

static State *
state_of(VtObject *chardev)
{
    return vt_object_state(chardev, &vt_ops_chardev_fd);
}

VtCharChannel *
vt_fd_channel(VtObject *chardev)
{
    return &state_of(chardev)->channel;
}

size_t
vt_fd_write(VtObject *chardev, VtCharFront *front, const uint8_t *data, size_t size)
{
    (void)front;
    return vt_channel_write(&state_of(chardev)->channel, data, size);
}

void
vt_fd_update(VtObject *chardev)
{
    vt_channel_update(&state_of(chardev)->channel);
}

int
vt_fd_open_path(const char *path, int flags, unsigned kinds, mode_t mode, const char *member, GError **error)
{
    const char *why;
    int fd = vt_file_open(path, flags | O_NONBLOCK, kinds, mode, &why);

    if (fd < 0) {
        vt_error_set(error, "%s: '%s': %s", member, path, why);
    }
    return fd;
}

void
vt_fd_report(VtObject *chardev, const char *filename)
{
    state_of(chardev)->channel.report = (VtWriteReport){.object = chardev, .filename = filename};
}

static void
on_ended(VtCharChannel *channel, int number)
{
    (void)number;
    vt_chardev_event(channel->chardev, VT_CHAR_CLOSED);
}

void
vt_fd_open(VtObject *chardev, int in, int out, const VtCharOps *ops)
{
    State *state = state_of(chardev);

    state->in = state->channel.in = in;
    state->out = state->channel.out = out;
    vt_chardev_open(chardev, ops, true);
    vt_channel_update(&state->channel);
}

static bool
realize(VtObject *object, GError **error)
{
    State *state = state_of(object);

    (void)error;
    *state = (State){.in = -1, .out = -1, .channel = {.chardev = object, .in = -1, .out = -1, .ended = on_ended}};
    return true;
}

static void
unrealize(VtObject *object)
{
    State *state = state_of(object);

    vt_channel_stop(&state->channel);
    vt_write_report_clear(&state->channel.report);
    if (state->in >= 0) {
        close(state->in);
    }
    if (state->out >= 0 && state->out != state->in) {
        close(state->out);
    }
    state->in = state->out = -1;
}

const VtOps vt_ops_chardev_fd = {.state_size = sizeof(State), .realize = realize, .unrealize = unrealize};
