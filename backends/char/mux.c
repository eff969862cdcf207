/* SPDX-License-Identifier: MIT */
/*
 * mux: several front ends share a character device.
 *
 * All of them write to the device.  One of them receives input; the key sequence ^A c selects the next one.
 */
#include <string.h>

#include "chardev.h"
#include "vt-gen/backends.h"
#include "vt-runtime/vm.h"

#define ESCAPE 1 /* ^A */

typedef struct State {
    VtObject *object;
    VtCharFront *base;
    char *user;
    gint64 stamps_since; /* -1: lines do not begin with a time stamp */
    bool in_line;
    bool escaped; /* ^A was received */
    bool pumping;
    size_t held, taken; /* Input that is not yet delivered: the front end may change in the middle of it. */
    uint8_t input[4096];
} State;

const VtOps vt_ops_chardev_mux;

static State *
state_of(VtObject *chardev)
{
    return vt_object_state(chardev, &vt_ops_chardev_mux);
}

static void
say(State *state, const char *text)
{
    vt_char_write(state->base, text, strlen(text));
}

/* ---- output ---------------------------------------------------------------------------------------------- */

/* The time since time stamps were switched on. */
static bool
write_stamp(State *state)
{
    gint64 ms = (g_get_monotonic_time() - state->stamps_since) / 1000;
    g_autofree char *stamp = g_strdup_printf("[%02d:%02d:%02d.%03d] ", (int)(ms / 3600000), (int)(ms / 60000 % 60),
                                             (int)(ms / 1000 % 60), (int)(ms % 1000));

    return vt_char_write(state->base, stamp, strlen(stamp)) > 0;
}

static size_t
write_bytes(VtObject *chardev, VtCharFront *front, const uint8_t *data, size_t size)
{
    State *state = state_of(chardev);
    size_t done = 0;

    (void)front;
    while (state->stamps_since >= 0 && done < size) {
        const uint8_t *end = memchr(data + done, '\n', size - done);
        size_t part = end ? (size_t)(end - data) + 1 - done : size - done, n;

        if (!state->in_line && !write_stamp(state)) {
            return done;
        }
        state->in_line = true;
        n = vt_char_write(state->base, data + done, part);
        done += n;
        if (n < part) {
            return done;
        }
        state->in_line = !end;
    }
    return done + vt_char_write(state->base, data + done, size - done);
}

/* ---- input ----------------------------------------------------------------------------------------------- */

static void
help(State *state)
{
    say(state, "\r\n"
               "^A h    this help\r\n"
               "^A x    terminate the program\r\n"
               "^A t    toggle time stamps\r\n"
               "^A b    send a break\r\n"
               "^A c    switch to the next front end\r\n"
               "^A ^A   send ^A\r\n");
}

static void
next(State *state)
{
    unsigned n = vt_chardev_n_fronts(state->object);

    if (n) {
        vt_chardev_set_focus(state->object, (vt_chardev_focus(state->object) + 1) % n);
    }
}

static void
command(State *state, uint8_t key)
{
    static const uint8_t escape = ESCAPE;

    switch (key) {
    case 'h':
    case '?':
        help(state);
        break;
    case 'x':
        say(state, "\r\nterminated\r\n");
        vt_vm_quit(vt_object_vm(state->object), "host-qmp-quit");
        break;
    case 't':
        state->stamps_since = state->stamps_since < 0 ? g_get_monotonic_time() : -1;
        state->in_line = false;
        break;
    case 'b':
        vt_chardev_event(state->object, VT_CHAR_BREAK);
        break;
    case 'c':
        next(state);
        break;
    case ESCAPE:
        if (vt_chardev_room(state->object)) {
            vt_chardev_deliver(state->object, &escape, 1);
        }
        break;
    default:
        break;
    }
}

/* Delivers input, as far as the front end in focus accepts it. */
static void
pump(State *state)
{
    if (state->pumping) {
        return;
    }
    state->pumping = true;
    while (state->taken < state->held) {
        const uint8_t *data = state->input + state->taken, *escape;
        size_t size = state->held - state->taken, room;

        if (state->escaped) {
            state->escaped = false;
            state->taken++;
            command(state, *data);
            continue;
        }
        if (*data == ESCAPE) {
            state->escaped = true;
            state->taken++;
            continue;
        }
        escape = memchr(data, ESCAPE, size);
        size = escape ? (size_t)(escape - data) : size;
        room = vt_chardev_n_fronts(state->object) ? vt_chardev_room(state->object) : size;
        if (!room) {
            break;
        }
        size = MIN(size, room);
        state->taken += size;
        vt_chardev_deliver(state->object, data, size);
    }
    state->pumping = false;
}

static size_t
can_read(void *opaque)
{
    const State *state = opaque;

    return state->taken < state->held ? 0 : sizeof state->input;
}

static void
read_bytes(void *opaque, const uint8_t *data, size_t size)
{
    State *state = opaque;

    memcpy(state->input, data, size);
    state->taken = 0;
    state->held = size;
    pump(state);
}

static void
on_event(void *opaque, VtCharEvent event)
{
    State *state = opaque;

    vt_chardev_event(state->object, event);
}

static void
on_writable(void *opaque)
{
    vt_chardev_writable(((State *)opaque)->object);
}

static void
update(VtObject *chardev)
{
    State *state = state_of(chardev);

    pump(state);
    if (!state->pumping && state->taken == state->held) {
        vt_char_accept_input(state->base);
    }
}

static void
send_break(VtObject *chardev)
{
    vt_char_send_break(state_of(chardev)->base);
}

static void
unrealize(VtObject *object)
{
    State *state = state_of(object);

    g_clear_pointer(&state->base, vt_char_detach);
    g_clear_pointer(&state->user, g_free);
}

static bool
realize(VtObject *object, GError **error)
{
    static const VtCharOps ops = {
        .max_fronts = VT_CHAR_MUX_MAX, .write = write_bytes, .update = update, .send_break = send_break};
    static const VtCharFrontOps front_ops = {
        .can_read = can_read, .read = read_bytes, .event = on_event, .writable = on_writable};
    const VtChardevMux *config = vt_object_config(object);
    State *state = state_of(object);

    memset(state, 0, sizeof *state);
    state->object = object;
    state->stamps_since = -1;
    state->user = g_strdup_printf("chardev '%s'", vt_object_id(object));
    state->base = vt_char_attach(config->chardev.target, state->user, &front_ops, state, error);
    if (!state->base) {
        unrealize(object);
        return false;
    }
    vt_chardev_open(object, &ops, vt_char_is_open(state->base));
    vt_char_accept_input(state->base);
    return true;
}

const VtOps vt_ops_chardev_mux = {.state_size = sizeof(State), .realize = realize, .unrealize = unrealize};
