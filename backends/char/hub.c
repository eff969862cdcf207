/* SPDX-License-Identifier: MIT */
/*
 * hub: one front end on several character devices.
 *
 * If some devices accept less than others, the front end writes the rest again.  A device skips the bytes that it has
 * already accepted.
 */
#include "chardev.h"
#include "vt-gen/backends.h"
#include "vt-runtime/error.h"

#define BRANCHES_MAX 4

typedef struct State State;

typedef struct Branch {
    State *hub;
    VtCharFront *base;
    size_t ahead; /* bytes of the next write that this device has already accepted */
} Branch;

struct State {
    VtObject *object;
    char *user;
    size_t n; /* branches in use */
    Branch branches[BRANCHES_MAX];
};

const VtOps vt_ops_chardev_hub;

static State *
state_of(VtObject *chardev)
{
    return vt_object_state(chardev, &vt_ops_chardev_hub);
}

/* ---- called by the front end ----------------------------------------------------------------------------- */

static size_t
write_bytes(VtObject *chardev, VtCharFront *front, const uint8_t *data, size_t size)
{
    State *state = state_of(chardev);
    size_t taken = size;

    (void)front;
    for (size_t i = 0; i < state->n; i++) {
        Branch *branch = &state->branches[i];

        if (branch->ahead < size) {
            branch->ahead += vt_char_write(branch->base, data + branch->ahead, size - branch->ahead);
        }
        taken = MIN(taken, branch->ahead);
    }
    for (size_t i = 0; i < state->n; i++) {
        state->branches[i].ahead -= taken;
    }
    return taken;
}

/* Without a front end, or with all branches closed, no write repeats the rest. */
static void
forget(State *state)
{
    for (size_t i = 0; i < state->n; i++) {
        state->branches[i].ahead = 0;
    }
}

static void
update(VtObject *chardev)
{
    State *state = state_of(chardev);

    if (!vt_chardev_n_fronts(chardev)) {
        forget(state);
    }
    for (size_t i = 0; i < state->n; i++) {
        vt_char_accept_input(state->branches[i].base);
    }
}

static void
send_break(VtObject *chardev)
{
    State *state = state_of(chardev);

    for (size_t i = 0; i < state->n; i++) {
        vt_char_send_break(state->branches[i].base);
    }
}

/* ---- called by the branches ------------------------------------------------------------------------------ */

static size_t
can_read(void *opaque)
{
    return vt_chardev_room(((Branch *)opaque)->hub->object);
}

static void
read_bytes(void *opaque, const uint8_t *data, size_t size)
{
    vt_chardev_deliver(((Branch *)opaque)->hub->object, data, size);
}

static bool
is_open(const State *state)
{
    for (size_t i = 0; i < state->n; i++) {
        if (vt_char_is_open(state->branches[i].base)) {
            return true;
        }
    }
    return false;
}

static void
on_event(void *opaque, VtCharEvent event)
{
    State *state = ((Branch *)opaque)->hub;

    if (event != VT_CHAR_OPENED && event != VT_CHAR_CLOSED) {
        vt_chardev_event(state->object, event);
    } else if (is_open(state)) {
        vt_chardev_event(state->object, VT_CHAR_OPENED);
        /* The other branches may have waited for this one. */
        vt_chardev_writable(state->object);
    } else {
        forget(state);
        vt_chardev_event(state->object, VT_CHAR_CLOSED);
    }
}

static void
on_writable(void *opaque)
{
    vt_chardev_writable(((Branch *)opaque)->hub->object);
}

/* ---- the object ------------------------------------------------------------------------------------------ */

static bool
validate(VtObject *object, GError **error)
{
    const VtChardevHub *config = vt_object_config(object);

    if (!config->chardevs.n) {
        return vt_error_set(error, "chardevs: expected at least one character device");
    }
    if (config->chardevs.n > BRANCHES_MAX) {
        return vt_error_set(error, "chardevs: %zu character devices exceed the maximum %d", config->chardevs.n,
                            BRANCHES_MAX);
    }
    for (size_t i = 0; i < config->chardevs.n; i++) {
        VtObject *base = config->chardevs.v[i].target;

        if (vt_object_is_a(base, "chardev-mux") || vt_object_is_a(base, "chardev-hub")) {
            return vt_error_set(error, "chardevs[%zu]: '%s' is a %s; expected a chardev other than mux and hub", i,
                                vt_object_display(base), vt_object_class(base)->tag);
        }
    }
    return true;
}

static void
unrealize(VtObject *object)
{
    State *state = state_of(object);

    while (state->n) {
        vt_char_detach(state->branches[--state->n].base);
    }
    g_clear_pointer(&state->user, g_free);
}

static bool
realize(VtObject *object, GError **error)
{
    static const VtCharOps ops = {.write = write_bytes, .update = update, .send_break = send_break};
    static const VtCharFrontOps front_ops = {
        .can_read = can_read, .read = read_bytes, .event = on_event, .writable = on_writable};
    const VtChardevHub *config = vt_object_config(object);
    State *state = state_of(object);

    *state = (State){.object = object, .user = g_strdup_printf("chardev '%s'", vt_object_id(object))};
    for (size_t i = 0; i < config->chardevs.n; i++) {
        Branch *branch = &state->branches[i];

        branch->hub = state;
        branch->base = vt_char_attach(config->chardevs.v[i].target, state->user, &front_ops, branch, error);
        if (!branch->base) {
            unrealize(object);
            return false;
        }
        state->n++;
    }
    vt_chardev_open(object, &ops, is_open(state));
    return true;
}

const VtOps vt_ops_chardev_hub = {
    .state_size = sizeof(State),
    .validate = validate,
    .realize = realize,
    .unrealize = unrealize,
};
