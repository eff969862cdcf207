/* SPDX-License-Identifier: MIT */
/*
 * rng-egd: random bytes from an entropy gathering daemon.
 *
 * A request is a byte 2 and the number of bytes, at most 255.  The reply is that many bytes, once they are available.
 * After a reconnect, the backend requests the outstanding bytes again.
 */
#include "rng.h"
#include "vt-backends/char.h"
#include "vt-gen/backends.h"

#define BLOCKING_READ 2
#define QUESTION_MAX  255

typedef struct State {
    VtObject *object;
    VtCharFront *front;
    uint8_t question[2];
    size_t unsent; /* last bytes of the request that are not sent yet */
    size_t asked;  /* bytes that the daemon still has to send */
} State;

const VtOps vt_ops_rng_egd;

/* Requests the bytes that were not requested yet. */
static void
ask(State *state)
{
    size_t wanted = vt_rng_wanted(state->object);

    while (vt_char_is_open(state->front)) {
        if (!state->unsent) {
            if (wanted <= state->asked) {
                return;
            }
            state->question[0] = BLOCKING_READ;
            state->question[1] = (uint8_t)MIN(wanted - state->asked, QUESTION_MAX);
            state->unsent = sizeof state->question;
            state->asked += state->question[1];
        }
        state->unsent -=
            vt_char_write(state->front, state->question + sizeof state->question - state->unsent, state->unsent);
        if (state->unsent) {
            return;
        }
    }
}

static void
on_asked(VtObject *rng)
{
    State *state = vt_object_state(rng, &vt_ops_rng_egd);

    ask(state);
    vt_char_accept_input(state->front);
}

static size_t
can_read(void *opaque)
{
    return vt_rng_wanted_first(((State *)opaque)->object);
}

static void
read_bytes(void *opaque, const uint8_t *data, size_t size)
{
    State *state = opaque;

    state->asked -= MIN(state->asked, size);
    vt_rng_feed(state->object, data, size);
}

static void
on_event(void *opaque, VtCharEvent event)
{
    State *state = opaque;

    if (event == VT_CHAR_CLOSED) {
        state->asked = state->unsent = 0;
    } else if (event == VT_CHAR_OPENED) {
        ask(state);
    }
}

static void
on_writable(void *opaque)
{
    ask(opaque);
}

static bool
realize(VtObject *object, GError **error)
{
    static const VtCharFrontOps ops = {
        .can_read = can_read, .read = read_bytes, .event = on_event, .writable = on_writable};
    const VtRngEgd *config = vt_object_config(object);
    State *state = vt_object_state(object, &vt_ops_rng_egd);
    g_autofree char *user = g_strdup_printf("object '%s'", vt_object_display(object));

    *state = (State){.object = object};
    state->front = vt_char_attach(config->chardev.target, user, &ops, state, error);
    if (!state->front) {
        return false;
    }
    vt_rng_open_fed(object, on_asked);
    return true;
}

static void
unrealize(VtObject *object)
{
    State *state = vt_object_state(object, &vt_ops_rng_egd);

    g_clear_pointer(&state->front, vt_char_detach);
}

const VtOps vt_ops_rng_egd = {.state_size = sizeof(State), .realize = realize, .unrealize = unrealize};
