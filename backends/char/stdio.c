/* SPDX-License-Identifier: MIT */
/*
 * stdio: the standard input and output of this process.
 */
#include "vt-runtime/stdio.h"

#include <termios.h>
#include <unistd.h>

#include "fd.h"
#include "vt-gen/backends.h"

typedef struct State {
    char *who; /* NULL: not realized */
    struct termios mode;
    bool has_mode; /* @mode is valid: standard input was a terminal in this mode */
} State;

const VtOps vt_ops_chardev_stdio;

/* Delivers each typed byte at once. ^C and the like stay signals if 'signal' is on. */
static void
set_mode(State *state, bool signals)
{
    struct termios mode = state->mode;

    mode.c_iflag &= ~(tcflag_t)(IGNBRK | BRKINT | PARMRK | ISTRIP | INLCR | IGNCR | ICRNL | IXON);
    mode.c_oflag |= OPOST;
    mode.c_lflag &= ~(tcflag_t)(ECHO | ECHONL | ICANON | IEXTEN | (signals ? 0 : ISIG));
    mode.c_cflag &= ~(tcflag_t)(CSIZE | PARENB);
    mode.c_cflag |= CS8;
    mode.c_cc[VMIN] = 1;
    mode.c_cc[VTIME] = 0;
    tcsetattr(STDIN_FILENO, TCSANOW, &mode);
}

static bool
realize(VtObject *object, GError **error)
{
    static const VtCharOps ops = {.write = vt_fd_write, .update = vt_fd_update};
    const VtChardevStdio *config = vt_object_config(object);
    State *state = vt_object_state(object, &vt_ops_chardev_stdio);
    g_autofree char *who = g_strdup_printf("chardev '%s'", vt_object_id(object));

    if (!vt_stdio_claim(who, error)) {
        return false;
    }
    state->who = g_steal_pointer(&who);
    state->has_mode = tcgetattr(STDIN_FILENO, &state->mode) == 0;
    if (state->has_mode) {
        set_mode(state, config->signal);
    }
    /* The open file descriptions are shared with other processes, so they stay in blocking mode. */
    vt_fd_channel(object)->blocks = true;
    vt_fd_channel(object)->keeps_out = true;
    vt_fd_report(object, "standard output");
    vt_fd_open(object, dup(STDIN_FILENO), dup(STDOUT_FILENO), &ops);
    return true;
}

static void
unrealize(VtObject *object)
{
    State *state = vt_object_state(object, &vt_ops_chardev_stdio);

    if (!state->who) {
        return;
    }
    if (state->has_mode) {
        tcsetattr(STDIN_FILENO, TCSANOW, &state->mode);
    }
    vt_stdio_release();
    g_clear_pointer(&state->who, g_free);
}

const VtOps vt_ops_chardev_stdio = {.state_size = sizeof(State), .realize = realize, .unrealize = unrealize};
