/* SPDX-License-Identifier: MIT */
#include "vt-engine/process.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "child.h"
#include "vt-runtime/error.h"
#include "vt-runtime/watch.h"

#define SIGNAL_STATUS 128
#define LINE_BYTES    ((size_t)4096) /* bytes after which a line is reported without its end */

struct VtEngineProcess {
    const VtEngineProcessOps *ops;
    void *opaque;
    EngineChild *child;
    int text; /* read end of the pipe with its lines */
    VtWatch *end_watch, *text_watch;
    GString *line;
    bool ended;
    bool has_terminal;
    struct termios terminal; /* settings to restore */
};

/* ---- lines ---------------------------------------------------------------------------------------------- */

static void
report_line(VtEngineProcess *process)
{
    GString *line = process->line;

    for (size_t i = 0; i < line->len; i++) {
        if (g_ascii_iscntrl(line->str[i])) {
            line->str[i] = ' ';
        }
    }
    g_strchomp(line->str);
    if (line->str[0]) {
        process->ops->line(process->opaque, line->str);
    }
    g_string_truncate(line, 0);
}

/* Returns false if there is nothing to read now. */
static bool
read_text(VtEngineProcess *process)
{
    char buffer[LINE_BYTES];
    ssize_t n;

    do {
        n = read(process->text, buffer, sizeof buffer);
    } while (n < 0 && errno == EINTR);
    if (n <= 0) {
        if (n == 0) {
            vt_watch_set(process->text_watch, 0);
        }
        return false;
    }
    for (ssize_t i = 0; i < n; i++) {
        if (buffer[i] != '\n') {
            g_string_append_c(process->line, buffer[i]);
        }
        if (buffer[i] == '\n' || process->line->len >= LINE_BYTES) {
            report_line(process);
        }
    }
    return true;
}

static void
on_text(void *opaque)
{
    read_text(opaque);
}

/* ---- end ------------------------------------------------------------------------------------------------ */

static int
wait_for_end(VtEngineProcess *process)
{
    int status = engine_child_wait(process->child);

    process->ended = true;
    if (process->has_terminal) {
        tcsetattr(STDIN_FILENO, TCSADRAIN, &process->terminal);
        process->has_terminal = false;
    }
    return status;
}

static void
on_end(void *opaque)
{
    VtEngineProcess *process = opaque;
    int status = wait_for_end(process);

    vt_watch_set(process->end_watch, 0);
    /* Processes that the engine started may keep the pipe open. */
    while (read_text(process)) {
    }
    report_line(process);
    process->ops->ended(process->opaque, status);
}

static EngineChild *
start(VtEngineProcess *process, const VtEngineCommand *command, GError **error)
{
    EngineLaunch launch = {
        .binary = command->binary, .kept = command->kept, .user = command->user, .terminal = command->terminal};
    g_autoptr(GPtrArray) arguments = g_ptr_array_new();
    EngineChild *child;
    int pipe[2];

    if (pipe2(pipe, O_CLOEXEC) < 0) {
        vt_error_set(error, "engine: no pipe: %s", g_strerror(errno));
        return NULL;
    }
    for (guint i = 0; i < command->arguments->len; i++) {
        g_ptr_array_add(arguments, command->arguments->pdata[i]);
    }
    g_ptr_array_add(arguments, NULL);
    launch.arguments = (const char *const *)arguments->pdata;
    launch.text = pipe[1];
    process->text = pipe[0];
    child = engine_child_new(&launch, error);
    close(pipe[1]);
    return child;
}

VtEngineProcess *
vt_engine_process_new(const VtEngineCommand *command, const VtEngineProcessOps *ops, void *opaque, GError **error)
{
    g_autoptr(VtEngineProcess) process = g_new0(VtEngineProcess, 1);

    process->ops = ops;
    process->opaque = opaque;
    process->text = -1;
    process->line = g_string_new(NULL);
    process->has_terminal = command->terminal && tcgetattr(STDIN_FILENO, &process->terminal) == 0;
    process->child = start(process, command, error);
    if (!process->child) {
        return NULL;
    }
    fcntl(process->text, F_SETFL, O_NONBLOCK);
    process->text_watch = vt_watch_new(process->text, on_text, process);
    vt_watch_set(process->text_watch, G_IO_IN);
    process->end_watch = vt_watch_new(engine_child_pidfd(process->child), on_end, process);
    vt_watch_set(process->end_watch, G_IO_IN);
    return g_steal_pointer(&process);
}

void
vt_engine_process_free(VtEngineProcess *process)
{
    if (!process) {
        return;
    }
    if (process->child && !process->ended) {
        engine_child_signal(process->child, SIGKILL);
        wait_for_end(process);
    }
    vt_watch_free(process->end_watch);
    vt_watch_free(process->text_watch);
    engine_child_free(process->child);
    if (process->text >= 0) {
        close(process->text);
    }
    g_string_free(process->line, TRUE);
    g_free(process);
}

pid_t
vt_engine_process_pid(const VtEngineProcess *process)
{
    return engine_child_pid(process->child);
}

int
vt_engine_process_steal_qmp(VtEngineProcess *process)
{
    return engine_child_steal_monitor(process->child);
}

void
vt_engine_process_signal(const VtEngineProcess *process, int number)
{
    engine_child_signal(process->child, number);
}

char *
vt_engine_end_text(int status)
{
    return WIFSIGNALED(status) ? g_strdup_printf("signal %d (%s)", WTERMSIG(status), g_strsignal(WTERMSIG(status)))
                               : g_strdup_printf("status %d", WEXITSTATUS(status));
}

int
vt_engine_end_status(int status)
{
    return WIFSIGNALED(status) ? SIGNAL_STATUS + WTERMSIG(status) : WEXITSTATUS(status);
}
