/* SPDX-License-Identifier: MIT */
#include "child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "vt-runtime/error.h"
#include "vt-runtime/open-file.h"

#define MONITOR "vintage-engine" /* id of the chardev of the connection */

struct EngineChild {
    pid_t pid, guard; /* guard: -1: none */
    int pidfd, monitor;
    bool ended; /* reaped */
};

/* Descriptors of the child. */
typedef struct Start {
    const EngineLaunch *launch;
    char **argv;
    GArray *kept; /* of int, sorted */
    pid_t parent;
    int input;  /* standard input; -1: that of this process */
    int failed; /* gets errno if the program cannot be executed */
} Start;

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
run_child(const Start *start)
{
    const EngineLaunch *launch = start->launch;
    int number;

    reset_signals();
    /* The signal arrives when the thread that forked ends: the main thread, whose end is the end of the process. */
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || getppid() != start->parent) {
        _exit(1);
    }
    if ((start->input < 0 || dup2(start->input, STDIN_FILENO) >= 0) &&
        (launch->terminal || dup2(launch->text, STDOUT_FILENO) >= 0) && dup2(launch->text, STDERR_FILENO) >= 0) {
        for (guint i = 0; i < start->kept->len; i++) {
            fcntl(g_array_index(start->kept, int, i), F_SETFD,
                  g_array_index(start->kept, int, i) == start->failed ? FD_CLOEXEC : 0);
        }
        close_others(start->kept);
        execv(launch->binary, start->argv);
    }
    number = errno;
    while (write(start->failed, &number, sizeof number) < 0 && errno == EINTR) {
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

static bool
spawn(EngineChild *child, Start *start, GError **error)
{
    int pipe[2], number;

    if (pipe2(pipe, O_CLOEXEC) < 0) {
        return vt_error_set(error, "engine: no pipe: %s", g_strerror(errno));
    }
    start->parent = getpid();
    start->failed = pipe[1];
    g_array_append_val(start->kept, start->failed);
    g_array_sort(start->kept, compare_int);
    child->pid = fork();
    if (child->pid == 0) {
        run_child(start);
    }
    number = errno;
    close(pipe[1]);
    number = child->pid < 0 ? number : wait_for_exec(pipe[0]);
    close(pipe[0]);
    if (number) {
        return vt_error_set(error, "engine '%s': cannot be started: %s", start->launch->binary, g_strerror(number));
    }
    child->pidfd = (int)syscall(SYS_pidfd_open, child->pid, 0);
    if (child->pidfd < 0) {
        return vt_error_set(error, "the kernel does not support pidfds: %s", g_strerror(errno));
    }
    child->guard = start->launch->user ? engine_guard_start(child->pidfd, start->launch->user) : -1;
    return !start->launch->user || child->guard >= 0 || vt_error_set(error, "engine: no guard: %s", g_strerror(errno));
}

/* Takes ownership of @monitor, the end of the socket pair for the child. */
static bool
start_with(EngineChild *child, const EngineLaunch *launch, int monitor, GError **error)
{
    static const char mon[] = "chardev=" MONITOR ",mode=control";
    g_autofree char *chardev = g_strdup_printf("socket,id=" MONITOR ",fd=%d", monitor);
    const char *own[] = {"-chardev", chardev, "-mon", mon, NULL};
    g_autoptr(GStrvBuilder) builder = g_strv_builder_new();
    g_auto(GStrv) argv = NULL;
    g_autoptr(GArray) kept = g_array_new(FALSE, FALSE, sizeof(int));
    Start start = {.launch = launch, .kept = kept, .input = -1};
    bool ok = true;

    g_strv_builder_add(builder, launch->binary);
    for (const char *const *word = launch->arguments; *word; word++) {
        g_strv_builder_add(builder, *word);
    }
    g_strv_builder_addv(builder, own);
    argv = g_strv_builder_end(builder);
    start.argv = argv;
    if (launch->kept) {
        g_array_append_vals(kept, launch->kept->data, launch->kept->len);
    }
    g_array_append_val(kept, monitor);
    if (!launch->terminal) {
        start.input = vt_file_open("/dev/null", O_RDONLY, VT_FILE_CHARACTER, 0, NULL);
        ok = start.input >= 0 || vt_error_set(error, "engine: /dev/null: %s", g_strerror(errno));
    }
    ok = ok && spawn(child, &start, error);
    if (start.input >= 0) {
        close(start.input);
    }
    close(monitor);
    return ok;
}

EngineChild *
engine_child_new(const EngineLaunch *launch, GError **error)
{
    EngineChild *child;
    int pair[2];

    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0) {
        vt_error_set(error, "engine: no socket pair: %s", g_strerror(errno));
        return NULL;
    }
    child = g_new(EngineChild, 1);
    *child = (EngineChild){.pid = -1, .guard = -1, .pidfd = -1, .monitor = pair[0]};
    if (!start_with(child, launch, pair[1], error)) {
        engine_child_free(child);
        return NULL;
    }
    return child;
}

/* ---- end ------------------------------------------------------------------------------------------------ */

static int
reap(pid_t pid)
{
    int status = 0;

    while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
    }
    return status;
}

int
engine_child_wait(EngineChild *child)
{
    int status = reap(child->pid);

    child->ended = true;
    /* It ends with the engine. */
    if (child->guard >= 0) {
        reap(child->guard);
    }
    return status;
}

void
engine_child_signal(const EngineChild *child, int number)
{
    if (!child->ended) {
        kill(child->pid, number);
    }
}

void
engine_child_free(EngineChild *child)
{
    if (!child) {
        return;
    }
    if (child->pid > 0 && !child->ended) {
        engine_child_signal(child, SIGKILL);
        engine_child_wait(child);
    }
    if (child->monitor >= 0) {
        close(child->monitor);
    }
    if (child->pidfd >= 0) {
        close(child->pidfd);
    }
    g_free(child);
}

pid_t
engine_child_pid(const EngineChild *child)
{
    return child->pid;
}

int
engine_child_pidfd(const EngineChild *child)
{
    return child->pidfd;
}

int
engine_child_steal_monitor(EngineChild *child)
{
    int fd = child->monitor;

    child->monitor = -1;
    return fd;
}
