/* SPDX-License-Identifier: MIT */
#include "vt-engine/process.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "vt-runtime/error.h"
#include "vt-runtime/open-file.h"
#include "vt-runtime/watch.h"

#define MONITOR       "vintage-engine" /* id of the chardev of the monitor */
#define SIGNAL_STATUS 128
#define LINE_BYTES    ((size_t)4096) /* bytes after which a line is reported without its end */

struct VtEngineProcess {
    const VtEngineProcessOps *ops;
    void *opaque;
    pid_t pid;
    int pidfd, qmp;
    int text; /* read end of the pipe with its lines */
    VtWatch *end_watch, *text_watch;
    GString *line;
    bool ended; /* reaped */
    bool has_terminal;
    struct termios terminal; /* settings to restore */
};

/* Descriptors of the child. */
typedef struct Child {
    const char *binary;
    char **argv;
    const GArray *kept; /* of int, sorted */
    pid_t parent;
    int input;  /* standard input; -1: that of this process */
    int text;   /* for lines */
    int failed; /* gets errno if the program cannot be executed */
    bool terminal;
} Child;

/* ---- in the child: async-signal-safe functions only ------------------------------------------------------ */

static void
close_range_of(unsigned first, unsigned last)
{
    if (first <= last && syscall(SYS_close_range, first, last, 0) < 0) {
        for (unsigned fd = first; fd <= last && fd < (unsigned)sysconf(_SC_OPEN_MAX); fd++) {
            close((int)fd);
        }
    }
}

static void
close_others(const GArray *kept)
{
    unsigned from = STDERR_FILENO + 1;

    for (guint i = 0; i < kept->len; i++) {
        unsigned fd = (unsigned)g_array_index(kept, int, i);

        if (fd >= from) {
            close_range_of(from, fd - 1);
            from = fd + 1;
        }
    }
    close_range_of(from, ~0u);
}

/* The defaults of a process that a shell starts. */
static void
reset_signals(void)
{
    sigset_t none;

    for (int number = 1; number < NSIG; number++) {
        signal(number, SIG_DFL);
    }
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

static void
run_child(const Child *child)
{
    int number;

    reset_signals();
    /* The signal arrives when the thread that forked ends: the main thread, whose end is the end of the process. */
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || getppid() != child->parent) {
        _exit(1);
    }
    if ((child->input < 0 || dup2(child->input, STDIN_FILENO) >= 0) &&
        (child->terminal || dup2(child->text, STDOUT_FILENO) >= 0) && dup2(child->text, STDERR_FILENO) >= 0) {
        for (guint i = 0; i < child->kept->len; i++) {
            fcntl(g_array_index(child->kept, int, i), F_SETFD,
                  g_array_index(child->kept, int, i) == child->failed ? FD_CLOEXEC : 0);
        }
        close_others(child->kept);
        execv(child->binary, child->argv);
    }
    number = errno;
    while (write(child->failed, &number, sizeof number) < 0 && errno == EINTR) {
    }
    _exit(127);
}

/* ---- start ---------------------------------------------------------------------------------------------- */

static int
compare_int(const void *a, const void *b)
{
    int left = *(const int *)a, right = *(const int *)b;

    return (left > right) - (left < right);
}

/* Returns the errno of execv(), or 0. */
static int
wait_for_exec(int fd)
{
    int number = 0;
    ssize_t n;

    do {
        n = read(fd, &number, sizeof number);
    } while (n < 0 && errno == EINTR);
    return n == (ssize_t)sizeof number ? number : 0;
}

/* @pipes: of lines, and of the failure. */
static bool
spawn(VtEngineProcess *process, Child *child, int (*pipes)[2], GError **error)
{
    int number;

    child->parent = getpid();
    child->text = pipes[0][1];
    child->failed = pipes[1][1];
    process->pid = fork();
    if (process->pid == 0) {
        run_child(child);
    }
    number = errno;
    close(pipes[0][1]);
    close(pipes[1][1]);
    process->text = pipes[0][0];
    number = process->pid < 0 ? number : wait_for_exec(pipes[1][0]);
    close(pipes[1][0]);
    if (number) {
        return vt_error_set(error, "engine '%s': cannot be started: %s", child->binary, g_strerror(number));
    }
    process->pidfd = (int)syscall(SYS_pidfd_open, process->pid, 0);
    return process->pidfd >= 0 || vt_error_set(error, "the kernel does not support pidfds: %s", g_strerror(errno));
}

static bool
open_pipes(int (*pipes)[2], GError **error)
{
    if (pipe2(pipes[0], O_CLOEXEC) < 0) {
        return vt_error_set(error, "engine: no pipe: %s", g_strerror(errno));
    }
    if (pipe2(pipes[1], O_CLOEXEC) < 0) {
        close(pipes[0][0]);
        close(pipes[0][1]);
        return vt_error_set(error, "engine: no pipe: %s", g_strerror(errno));
    }
    return true;
}

/* Takes ownership of @qmp, the end of the socket pair for the child. */
static bool
start(VtEngineProcess *process, const char *binary, const GPtrArray *arguments, const GArray *kept, bool terminal,
      int qmp, GError **error)
{
    g_autofree char *monitor = g_strdup_printf("socket,id=" MONITOR ",fd=%d", qmp);
    const char *own[] = {"-chardev", monitor, "-mon", "chardev=" MONITOR ",mode=control", NULL};
    g_autoptr(GStrvBuilder) builder = g_strv_builder_new();
    g_auto(GStrv) argv = NULL;
    g_autoptr(GArray) inherited = g_array_new(FALSE, FALSE, sizeof(int));
    Child child = {.binary = binary, .kept = inherited, .input = -1, .terminal = terminal};
    int pipes[2][2];
    bool ok = false;

    g_strv_builder_add(builder, binary);
    for (guint i = 0; i < arguments->len; i++) {
        g_strv_builder_add(builder, arguments->pdata[i]);
    }
    g_strv_builder_addv(builder, own);
    argv = g_strv_builder_end(builder);
    child.argv = argv;
    if (!terminal) {
        child.input = vt_file_open("/dev/null", O_RDONLY, VT_FILE_CHARACTER, 0, NULL);
    }
    if (!terminal && child.input < 0) {
        vt_error_set(error, "engine: /dev/null: %s", g_strerror(errno));
    } else if (open_pipes(pipes, error)) {
        g_array_append_vals(inherited, kept->data, kept->len);
        g_array_append_val(inherited, qmp);
        g_array_append_val(inherited, pipes[1][1]);
        g_array_sort(inherited, compare_int);
        ok = spawn(process, &child, pipes, error);
    }
    if (child.input >= 0) {
        close(child.input);
    }
    close(qmp);
    return ok;
}

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
reap(VtEngineProcess *process)
{
    int status = 0;

    while (waitpid(process->pid, &status, 0) < 0 && errno == EINTR) {
    }
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
    int status = reap(process);

    vt_watch_set(process->end_watch, 0);
    /* Processes that the engine started may keep the pipe open. */
    while (read_text(process)) {
    }
    report_line(process);
    process->ops->ended(process->opaque, status);
}

VtEngineProcess *
vt_engine_process_new(const char *binary, const GPtrArray *arguments, const GArray *kept, bool terminal,
                      const VtEngineProcessOps *ops, void *opaque, GError **error)
{
    g_autoptr(VtEngineProcess) process = g_new0(VtEngineProcess, 1);
    int pair[2];

    *process = (VtEngineProcess){.ops = ops, .opaque = opaque, .pid = -1, .pidfd = -1, .qmp = -1, .text = -1};
    process->line = g_string_new(NULL);
    process->has_terminal = terminal && tcgetattr(STDIN_FILENO, &process->terminal) == 0;
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0) {
        vt_error_set(error, "engine: no socket pair: %s", g_strerror(errno));
        return NULL;
    }
    process->qmp = pair[0];
    if (!start(process, binary, arguments, kept, terminal, pair[1], error)) {
        return NULL;
    }
    fcntl(process->text, F_SETFL, O_NONBLOCK);
    process->text_watch = vt_watch_new(process->text, on_text, process);
    vt_watch_set(process->text_watch, G_IO_IN);
    process->end_watch = vt_watch_new(process->pidfd, on_end, process);
    vt_watch_set(process->end_watch, G_IO_IN);
    return g_steal_pointer(&process);
}

void
vt_engine_process_free(VtEngineProcess *process)
{
    int fds[3];

    if (!process) {
        return;
    }
    if (process->pid > 0 && !process->ended) {
        kill(process->pid, SIGKILL);
        reap(process);
    }
    vt_watch_free(process->end_watch);
    vt_watch_free(process->text_watch);
    memcpy(fds, (int[]){process->pidfd, process->qmp, process->text}, sizeof fds);
    for (size_t i = 0; i < G_N_ELEMENTS(fds); i++) {
        if (fds[i] >= 0) {
            close(fds[i]);
        }
    }
    g_string_free(process->line, TRUE);
    g_free(process);
}

pid_t
vt_engine_process_pid(const VtEngineProcess *process)
{
    return process->pid;
}

int
vt_engine_process_steal_qmp(VtEngineProcess *process)
{
    int fd = process->qmp;

    process->qmp = -1;
    return fd;
}

void
vt_engine_process_signal(const VtEngineProcess *process, int number)
{
    if (!process->ended) {
        kill(process->pid, number);
    }
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
