/* SPDX-License-Identifier: MIT */
/*
 * ringbuf: keeps the latest output in memory.
 */
#include "ringbuf.h"

#include "chardev.h"
#include "vt-gen/backends.h"
#include "vt-runtime/error.h"

/* Positions count all bytes since the start.  The size of the buffer is a power of two. */
typedef struct State {
    uint8_t *data;
    uint64_t mask, written, taken;
} State;

const VtOps vt_ops_chardev_ringbuf;

static State *
state_of(VtObject *chardev)
{
    return vt_object_state(chardev, &vt_ops_chardev_ringbuf);
}

void
vt_ringbuf_write(VtObject *chardev, const uint8_t *data, size_t size)
{
    State *state = state_of(chardev);

    for (size_t i = 0; i < size; i++) {
        state->data[state->written++ & state->mask] = data[i];
    }
    if (state->written - state->taken > state->mask + 1) {
        state->taken = state->written - state->mask - 1;
    }
}

size_t
vt_ringbuf_used(VtObject *chardev)
{
    const State *state = state_of(chardev);

    return state->written - state->taken;
}

size_t
vt_ringbuf_read(VtObject *chardev, uint8_t *data, size_t size)
{
    State *state = state_of(chardev);

    size = MIN(size, vt_ringbuf_used(chardev));
    for (size_t i = 0; i < size; i++) {
        data[i] = state->data[state->taken++ & state->mask];
    }
    return size;
}

static size_t
write_bytes(VtObject *chardev, VtCharFront *front, const uint8_t *data, size_t size)
{
    (void)front;
    vt_ringbuf_write(chardev, data, size);
    return size;
}

static bool
validate(VtObject *object, GError **error)
{
    const VtChardevRingbuf *config = vt_object_config(object);

    return (config->size & (config->size - 1)) == 0 ||
           vt_error_set(error, "size: %" G_GINT64_FORMAT " is not a power of two", config->size);
}

static bool
realize(VtObject *object, GError **error)
{
    static const VtCharOps ops = {.write = write_bytes};
    const VtChardevRingbuf *config = vt_object_config(object);
    State *state = state_of(object);

    *state = (State){.data = g_try_malloc((size_t)config->size), .mask = (uint64_t)config->size - 1};
    if (!state->data) {
        return vt_error_set(error, "size: %" G_GINT64_FORMAT ": the host cannot allocate the memory", config->size);
    }
    vt_chardev_open(object, &ops, true);
    return true;
}

static void
unrealize(VtObject *object)
{
    g_clear_pointer(&state_of(object)->data, g_free);
}

const VtOps vt_ops_chardev_ringbuf = {
    .state_size = sizeof(State), .validate = validate, .realize = realize, .unrealize = unrealize};
