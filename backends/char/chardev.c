/* SPDX-License-Identifier: MIT */
/*
 * chardev: front ends, and the log file of their output.
 */
#include "chardev.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "vt-gen/backends.h"
#include "vt-runtime/error.h"
#include "vt-runtime/main-thread.h"
#include "vt-runtime/open-file.h"
#include "vt-runtime/write-report.h"

typedef struct State {
    VtObject *object;
    const VtCharOps *ops; /* NULL: not open */
    GPtrArray *fronts;    /* of VtCharFront; NULL: none */
    unsigned focus;
    bool open;
    int log; /* -1: none */
    VtWriteReport log_report;
    bool log_line_begun;
} State;

struct VtCharFront {
    State *state;
    char *user;
    const VtCharFrontOps *ops;
    void *opaque;
    bool open;
};

const VtOps vt_ops_chardev;

static State *
state_of(VtObject *chardev)
{
    return vt_object_state(chardev, &vt_ops_chardev);
}

/* Returns the front end that receives input. */
static VtCharFront *
focused(const State *state)
{
    return state->fronts && state->focus < state->fronts->len ? g_ptr_array_index(state->fronts, state->focus) : NULL;
}

static void
update(State *state)
{
    if (state->ops && state->ops->update) {
        state->ops->update(state->object);
    }
}

/* ---- log file ------------------------------------------------------------------------------------------ */

static void
write_log(State *state, const void *data, size_t size)
{
    const char *bytes = data;

    while (size) {
        ssize_t n = write(state->log, bytes, size);

        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            /* A failed write to the log does not stop the output. */
            vt_write_report(&state->log_report, errno, size);
            return;
        }
        bytes += n;
        size -= (size_t)n;
    }
    vt_write_report(&state->log_report, 0, 0);
}

static void
write_stamp(State *state)
{
    g_autoptr(GDateTime) now = g_date_time_new_now_utc();
    g_autofree char *stamp = g_date_time_format(now, "%Y-%m-%dT%H:%M:%S.%fZ ");

    write_log(state, stamp, strlen(stamp));
}

static void
log_bytes(State *state, const uint8_t *data, size_t size)
{
    const VtChardev *config = vt_object_config(state->object);

    if (state->log < 0 || !config->logtimestamp) {
        if (state->log >= 0) {
            write_log(state, data, size);
        }
        return;
    }
    while (size) {
        const uint8_t *end = memchr(data, '\n', size);
        size_t part = end ? (size_t)(end - data) + 1 : size;

        if (!state->log_line_begun) {
            write_stamp(state);
        }
        write_log(state, data, part);
        state->log_line_begun = !end;
        data += part;
        size -= part;
    }
}

/* ---- called by front ends ------------------------------------------------------------------------------- */

VtCharFront *
vt_char_attach(VtObject *chardev, const char *user, const VtCharFrontOps *ops, void *opaque, GError **error)
{
    State *state = state_of(chardev);
    VtCharFront *front;

    vt_assert_main();
    g_assert(state->ops);
    if (state->fronts && state->fronts->len >= MAX(state->ops->max_fronts, 1)) {
        vt_error_set(error, "chardev '%s' is already in use by %s", vt_object_display(chardev),
                     vt_chardev_user(chardev));
        return NULL;
    }
    if (!state->fronts) {
        state->fronts = g_ptr_array_new();
    }
    front = g_new(VtCharFront, 1);
    *front = (VtCharFront){state, g_strdup(user), ops, opaque, true};
    g_ptr_array_add(state->fronts, front);
    if (state->ops->max_fronts > 1) {
        vt_chardev_set_focus(chardev, state->fronts->len - 1);
    }
    update(state);
    return front;
}

void
vt_char_detach(VtCharFront *front)
{
    State *state = front ? front->state : NULL;
    guint index;

    vt_assert_main();
    if (!state) {
        return;
    }
    g_ptr_array_find(state->fronts, front, &index);
    g_ptr_array_remove_index(state->fronts, index);
    if (state->focus > index || state->focus == state->fronts->len) {
        state->focus -= state->focus > 0;
    }
    if (!state->fronts->len) {
        g_clear_pointer(&state->fronts, g_ptr_array_unref);
    }
    g_free(front->user);
    g_free(front);
    update(state);
}

bool
vt_char_is_open(const VtCharFront *front)
{
    return front->state->open;
}

size_t
vt_char_write(VtCharFront *front, const void *data, size_t size)
{
    State *state = front->state;
    size_t taken = size;

    if (state->ops->write && state->open) {
        taken = state->ops->write(state->object, front, data, size);
    }
    log_bytes(state, data, taken);
    return taken;
}

void
vt_char_accept_input(VtCharFront *front)
{
    update(front->state);
}

void
vt_char_set_open(VtCharFront *front, bool open)
{
    front->open = open;
}

bool
vt_char_may_disconnect(const VtCharFront *front)
{
    return front->state->ops->disconnect != NULL;
}

void
vt_char_disconnect(VtCharFront *front)
{
    State *state = front->state;

    if (state->ops->disconnect && state->open) {
        state->ops->disconnect(state->object);
    }
}

void
vt_char_send_break(VtCharFront *front)
{
    State *state = front->state;

    if (state->ops->send_break && state->open) {
        state->ops->send_break(state->object);
    }
}

/* ---- called by the classes of character devices ---------------------------------------------------------- */

void
vt_chardev_open(VtObject *chardev, const VtCharOps *ops, bool open)
{
    State *state = state_of(chardev);

    state->ops = ops;
    state->open = open;
}

size_t
vt_chardev_room(VtObject *chardev)
{
    const VtCharFront *front = focused(state_of(chardev));

    return front && front->ops->can_read ? front->ops->can_read(front->opaque) : 0;
}

GArray *
vt_chardev_descriptors(VtObject *chardev)
{
    const VtCharFront *front = focused(state_of(chardev));

    return front && front->ops->descriptors ? front->ops->descriptors(front->opaque) : NULL;
}

void
vt_chardev_deliver(VtObject *chardev, const uint8_t *data, size_t size)
{
    const VtCharFront *front = focused(state_of(chardev));

    if (front && size) {
        front->ops->read(front->opaque, data, size);
    }
}

static void
report_event(const VtCharFront *front, VtCharEvent event)
{
    if (front && front->ops->event) {
        front->ops->event(front->opaque, event);
    }
}

void
vt_chardev_event(VtObject *chardev, VtCharEvent event)
{
    State *state = state_of(chardev);

    if (event == VT_CHAR_OPENED || event == VT_CHAR_CLOSED) {
        bool open = event == VT_CHAR_OPENED;

        if (state->open == open) {
            return;
        }
        state->open = open;
        for (guint i = 0; state->fronts && i < state->fronts->len; i++) {
            report_event(g_ptr_array_index(state->fronts, i), event);
        }
    } else {
        report_event(focused(state), event);
    }
}

void
vt_chardev_writable(VtObject *chardev)
{
    State *state = state_of(chardev);

    for (guint i = 0; state->fronts && i < state->fronts->len; i++) {
        const VtCharFront *front = g_ptr_array_index(state->fronts, i);

        if (front->ops->writable) {
            front->ops->writable(front->opaque);
        }
    }
}

bool
vt_chardev_is_open(VtObject *chardev)
{
    return state_of(chardev)->open;
}

unsigned
vt_chardev_focus(VtObject *chardev)
{
    return state_of(chardev)->focus;
}

unsigned
vt_chardev_n_fronts(VtObject *chardev)
{
    const State *state = state_of(chardev);

    return state->fronts ? state->fronts->len : 0;
}

void
vt_chardev_set_focus(VtObject *chardev, unsigned index)
{
    State *state = state_of(chardev);

    if (index != state->focus) {
        report_event(focused(state), VT_CHAR_MUX_OUT);
        state->focus = index;
    }
    report_event(focused(state), VT_CHAR_MUX_IN);
    update(state);
}

/* ---- called by the QMP commands -------------------------------------------------------------------------- */

char *
vt_chardev_filename(VtObject *chardev)
{
    const State *state = state_of(chardev);

    return state->ops && state->ops->filename ? state->ops->filename(chardev) : g_strdup(vt_object_class(chardev)->tag);
}

bool
vt_chardev_front_is_open(VtObject *chardev)
{
    const VtCharFront *front = focused(state_of(chardev));

    return front && front->open;
}

const char *
vt_chardev_user(VtObject *chardev)
{
    const State *state = state_of(chardev);

    return state->fronts ? ((VtCharFront *)g_ptr_array_index(state->fronts, 0))->user : NULL;
}

/* ---- the object ------------------------------------------------------------------------------------------ */

static bool
realize(VtObject *object, GError **error)
{
    const VtChardev *config = vt_object_config(object);
    State *state = state_of(object);
    const char *why;

    *state = (State){.object = object, .log = -1};
    if (config->logfile) {
        /* The log never delays the output: if a pipe or terminal is full, bytes of the log are lost. */
        state->log =
            vt_file_open(config->logfile, O_WRONLY | O_CREAT | O_NONBLOCK | (config->logappend ? O_APPEND : O_TRUNC),
                         VT_FILE_REGULAR | VT_FILE_CHARACTER | VT_FILE_PIPE, vt_file_mode(config->logmode, 0666), &why);
        if (state->log < 0) {
            return vt_error_set(error, "logfile: '%s': %s", config->logfile, why);
        }
        state->log_report = (VtWriteReport){.object = object, .filename = config->logfile};
    }
    return true;
}

static void
unrealize(VtObject *object)
{
    State *state = state_of(object);

    /* All front ends have detached. */
    g_assert(!state->fronts);
    vt_write_report_clear(&state->log_report);
    if (state->log >= 0) {
        close(state->log);
        state->log = -1;
    }
    state->ops = NULL;
}

const VtOps vt_ops_chardev = {.state_size = sizeof(State), .realize = realize, .unrealize = unrealize};
