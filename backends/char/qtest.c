/* SPDX-License-Identifier: MIT */
/*
 * qtest: the test protocol of QEMU (docs/devel/testing/qtest.rst there).
 *
 * A request is a line of words.  The answer is a line that begins with OK or FAIL.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "vt-backends/char.h"
#include "vt-gen/backends.h"
#include "vt-runtime/error.h"
#include "vt-runtime/open-file.h"
#include "vt-runtime/vm.h"

#define REQUEST_MAX ((gsize)64 << 10) /* longest request */
#define UNSENT_MAX  ((gsize)64 << 10) /* no input is taken while more than this waits to be sent */
#define LOG_MODE    0644
#define NO_LOG      "none"

typedef struct State {
    VtObject *object;
    VtCharFront *front;
    GString *line;    /* start of a request */
    GString *answers; /* not sent yet */
    bool skips;       /* until the end of a line that was too long */
    int log;          /* -1: none */
    gint64 since;     /* start of the log, in microseconds */
    gint64 clock;     /* virtual time, in nanoseconds */
} State;

const VtOps vt_ops_qtest;

static State *
state_of(VtObject *object)
{
    return vt_object_state(object, &vt_ops_qtest);
}

/* ---- record ------------------------------------------------------------------------------------------------ */

static void
close_log(State *state)
{
    if (state->log > STDERR_FILENO) {
        close(state->log);
    }
    state->log = -1;
}

/* A failure is reported once and ends the record. */
static void
record(State *state, char kind, const char *text)
{
    double seconds = (double)(g_get_monotonic_time() - state->since) / G_USEC_PER_SEC;
    g_autofree char *line = state->log < 0 ? NULL : g_strdup_printf("[%c +%.6f] %s\n", kind, seconds, text);

    if (line && write(state->log, line, strlen(line)) < 0) {
        g_autofree char *notice =
            g_strdup_printf("object '%s': the record ends: %s", vt_object_display(state->object), g_strerror(errno));

        close_log(state);
        vt_vm_notice(vt_object_vm(state->object), notice);
    }
}

static bool
open_log(State *state, const char *path, GError **error)
{
    const char *why;

    state->since = g_get_monotonic_time();
    state->log = !path ? STDERR_FILENO : -1;
    if (path && strcmp(path, NO_LOG) != 0) {
        state->log = vt_file_open(path, O_CREAT | O_TRUNC | O_WRONLY | O_NONBLOCK,
                                  VT_FILE_REGULAR | VT_FILE_CHARACTER | VT_FILE_PIPE, LOG_MODE, &why);
        return state->log >= 0 || vt_error_set(error, "log '%s': %s", path, why);
    }
    return true;
}

/* ---- requests ---------------------------------------------------------------------------------------------- */

static void
answer_clock(State *state, GString *answer)
{
    g_string_printf(answer, "OK %" G_GINT64_FORMAT, state->clock);
}

static void
endianness(State *state, gint64 value, GString *answer)
{
    uint16_t target = vt_context_target(vt_vm_context(vt_object_vm(state->object)));

    (void)value;
    g_string_printf(answer, "OK %s", vt_target_is_big_endian(target) ? "big" : "little");
}

/* No timer of a device runs, so time passes at once. */
static void
clock_step(State *state, gint64 value, GString *answer)
{
    if (value < 0 || value > G_MAXINT64 - state->clock) {
        g_string_assign(answer, "FAIL the time is out of range");
        return;
    }
    state->clock += value;
    answer_clock(state, answer);
}

static void
clock_set(State *state, gint64 value, GString *answer)
{
    if (value < state->clock) {
        g_string_assign(answer, "FAIL the time has passed");
        return;
    }
    state->clock = value;
    answer_clock(state, answer);
}

static const struct {
    const char *name;
    gint min_words, max_words; /* after the name */
    void (*run)(State *state, gint64 value, GString *answer);
} commands[] = {
    {"endianness", 0, 0, endianness},
    {"clock_step", 0, 1, clock_step},
    {"clock_set", 1, 1, clock_set},
};

static void
execute(State *state, const char *line, GString *answer)
{
    g_auto(GStrv) words = g_strsplit(line, " ", -1);
    gint n = (gint)g_strv_length(words) - 1;
    gint64 value = 0;

    for (size_t i = 0; n >= 0 && i < G_N_ELEMENTS(commands); i++) {
        if (strcmp(commands[i].name, words[0]) != 0) {
            continue;
        }
        if (n < commands[i].min_words || n > commands[i].max_words ||
            (n && !g_ascii_string_to_signed(words[1], 10, 0, G_MAXINT64, &value, NULL))) {
            g_string_printf(answer, "FAIL wrong arguments of '%s'", words[0]);
            return;
        }
        commands[i].run(state, value, answer);
        return;
    }
    g_string_printf(answer, "FAIL Unknown command '%.60s'", n >= 0 ? words[0] : "");
}

/* ---- character device -------------------------------------------------------------------------------------- */

static void
send_answers(State *state)
{
    size_t n = vt_char_write(state->front, state->answers->str, state->answers->len);

    g_string_erase(state->answers, 0, (gssize)n);
}

static void
end_line(State *state)
{
    g_autoptr(GString) answer = g_string_new(NULL);

    if (state->skips) {
        g_string_assign(answer, "FAIL the request is too long");
    } else {
        record(state, 'R', state->line->str);
        execute(state, state->line->str, answer);
    }
    state->skips = false;
    g_string_truncate(state->line, 0);
    record(state, 'S', answer->str);
    g_string_append(state->answers, answer->str);
    g_string_append_c(state->answers, '\n');
}

static size_t
can_read(void *opaque)
{
    return ((State *)opaque)->answers->len > UNSENT_MAX ? 0 : REQUEST_MAX;
}

static void
read_bytes(void *opaque, const uint8_t *data, size_t size)
{
    State *state = opaque;

    for (size_t i = 0; i < size; i++) {
        if (data[i] == '\n') {
            end_line(state);
        } else if (state->line->len < REQUEST_MAX) {
            g_string_append_c(state->line, (char)data[i]);
        } else {
            state->skips = true;
        }
    }
    send_answers(state);
}

static void
on_event(void *opaque, VtCharEvent event)
{
    State *state = opaque;

    if (event == VT_CHAR_OPENED || event == VT_CHAR_CLOSED) {
        record(state, 'I', event == VT_CHAR_OPENED ? "OPENED" : "CLOSED");
        g_string_truncate(state->line, 0);
        g_string_truncate(state->answers, 0);
        state->skips = false;
    }
}

static void
on_writable(void *opaque)
{
    State *state = opaque;

    send_answers(state);
    vt_char_accept_input(state->front);
}

static void
unrealize(VtObject *object)
{
    State *state = state_of(object);

    g_clear_pointer(&state->front, vt_char_detach);
    close_log(state);
    g_string_free(state->line, TRUE);
    g_string_free(state->answers, TRUE);
}

static bool
realize(VtObject *object, GError **error)
{
    static const VtCharFrontOps ops = {
        .can_read = can_read, .read = read_bytes, .event = on_event, .writable = on_writable};
    const VtQtest *config = vt_object_config(object);
    State *state = state_of(object);
    g_autofree char *user = g_strdup_printf("object '%s'", vt_object_display(object));

    *state = (State){.object = object, .line = g_string_new(NULL), .answers = g_string_new(NULL), .log = -1};
    if (open_log(state, config->log, error)) {
        state->front = vt_char_attach(config->chardev.target, user, &ops, state, error);
    }
    if (!state->front) {
        unrealize(object);
        return false;
    }
    return true;
}

const VtOps vt_ops_qtest = {.state_size = sizeof(State), .realize = realize, .unrealize = unrealize};
