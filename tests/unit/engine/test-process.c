/* SPDX-License-Identifier: MIT */
/* The process of an engine: its monitor, descriptors, lines and end.  A shell is the engine. */
#include "../vt-test.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "vt-engine/process.h"
#include "vt-runtime/error.h"

/* The monitor as file descriptor "fd": the argument after -chardev is socket,id=…,fd=N. */
#define WITH_MONITOR "fd=${2##*=}; "

typedef struct Seen {
    GString *lines;
    int status; /* -1: it runs */
} Seen;

static void
on_line(void *opaque, const char *line)
{
    g_string_append_printf(((Seen *)opaque)->lines, "%s|", line);
}

static void
on_ended(void *opaque, int status)
{
    ((Seen *)opaque)->status = status;
}

static const VtEngineProcessOps ops = {.line = on_line, .ended = on_ended};

static VtEngineProcess *
start(const char *script, const GArray *kept, Seen *seen)
{
    const char *arguments[] = {"-c", script, "engine"};
    g_autoptr(GPtrArray) list = g_ptr_array_new();
    g_autoptr(GArray) none = g_array_new(FALSE, FALSE, sizeof(int));
    g_autoptr(GError) error = NULL;
    VtEngineCommand command;
    VtEngineProcess *process;

    for (size_t i = 0; i < G_N_ELEMENTS(arguments); i++) {
        g_ptr_array_add(list, g_strdup(arguments[i]));
    }
    g_ptr_array_set_free_func(list, g_free);
    *seen = (Seen){g_string_new(NULL), -1};
    command = (VtEngineCommand){"/bin/sh", list, kept ? kept : none, NULL, false};
    process = vt_engine_process_new(&command, &ops, seen, &error);
    g_assert_no_error(error);
    return process;
}

static void
wait_for_end(const Seen *seen)
{
    while (seen->status < 0) {
        g_main_context_iteration(NULL, TRUE);
    }
}

static void
assert_run(const char *script, const GArray *kept, const char *lines, const char *end)
{
    Seen seen;
    g_autoptr(VtEngineProcess) process = start(script, kept, &seen);
    g_autofree char *text = NULL;

    wait_for_end(&seen);
    text = vt_engine_end_text(seen.status);
    g_assert_cmpstr(seen.lines->str, ==, lines);
    g_assert_cmpstr(text, ==, end);
    g_string_free(seen.lines, TRUE);
}

VT_TEST(lines_and_the_end_are_reported, "/engine/process/lines")
{
    assert_run("echo one; printf 'two\\033[1m\\n\\nthree' >&2; exit 3", NULL, "one|two [1m|three|", "status 3");
    assert_run("kill -9 $$", NULL, "", "signal 9 (Killed)");
    /* Standard input is empty. */
    assert_run("read x || echo end", NULL, "end|", "status 0");
}

VT_TEST(a_line_has_a_limit, "/engine/process/long-line")
{
    Seen seen;
    g_autoptr(VtEngineProcess) process = start("head -c 10000 /dev/zero | tr '\\0' x", NULL, &seen);
    g_auto(GStrv) lines = NULL;

    wait_for_end(&seen);
    lines = g_strsplit(seen.lines->str, "|", -1);
    g_assert_cmpuint(g_strv_length(lines), ==, 4);
    g_assert_cmpuint(strlen(lines[0]), ==, 4096);
    g_string_free(seen.lines, TRUE);
}

VT_TEST(the_monitor_is_a_socket_pair, "/engine/process/monitor")
{
    Seen seen;
    g_autoptr(VtEngineProcess) process = start(WITH_MONITOR "eval \"read x <&$fd; echo got \\$x >&$fd\"", NULL, &seen);
    int fd = vt_engine_process_steal_qmp(process);
    char answer[16] = {0};

    g_assert_cmpint(write(fd, "this\n", 5), ==, 5);
    g_assert_cmpint(read(fd, answer, sizeof answer - 1), ==, 9);
    g_assert_cmpstr(answer, ==, "got this\n");
    /* No other process has the other end. */
    wait_for_end(&seen);
    g_assert_cmpint(read(fd, answer, sizeof answer), ==, 0);
    close(fd);
    g_string_free(seen.lines, TRUE);
}

VT_TEST(only_listed_descriptors_are_inherited, "/engine/process/descriptors")
{
    g_autoptr(GArray) kept = g_array_new(FALSE, FALSE, sizeof(int));
    int null = open("/dev/null", O_RDONLY | O_CLOEXEC), high = fcntl(null, F_DUPFD_CLOEXEC, 900);
    int low = fcntl(null, F_DUPFD_CLOEXEC, 600), other = fcntl(null, F_DUPFD, 700); /* @other stays open on exec */

    g_array_append_val(kept, high);
    g_array_append_val(kept, low);
    g_assert_cmpint(other, ==, 700);
    assert_run(WITH_MONITOR
               "for n in /proc/$$/fd/*; do n=${n##*/}; [ $n = $fd ] || [ ! -e /proc/$$/fd/$n ] || echo $n; done",
               kept, "0|1|2|600|900|", "status 0");
    close(null);
    close(low);
    close(high);
    close(other);
}

VT_TEST(signals_are_as_a_shell_leaves_them, "/engine/process/signals")
{
    void (*before)(int) = signal(SIGPIPE, SIG_IGN);

    assert_run("kill -PIPE $$", NULL, "", "signal 13 (Broken pipe)");
    signal(SIGPIPE, before);
}

VT_TEST(the_end_of_its_owner_is_its_end, "/engine/process/free")
{
    Seen seen;
    VtEngineProcess *process = start("sleep 60 & wait", NULL, &seen);
    pid_t pid = vt_engine_process_pid(process);

    g_assert_cmpint(kill(pid, 0), ==, 0);
    vt_engine_process_free(process);
    g_assert_cmpint(kill(pid, 0), ==, -1);
    g_assert_cmpint(errno, ==, ESRCH);
    g_string_free(seen.lines, TRUE);
}

VT_TEST(what_is_no_program_is_an_error, "/engine/process/no-program")
{
    g_autoptr(GPtrArray) arguments = g_ptr_array_new();
    g_autoptr(GArray) kept = g_array_new(FALSE, FALSE, sizeof(int));
    g_autoptr(GError) error = NULL;

    const VtEngineCommand command = {"/nowhere/qemu", arguments, kept, NULL, false};

    g_assert_null(vt_engine_process_new(&command, &ops, NULL, &error));
    g_assert_error(error, VT_ERROR, VT_ERROR_GENERIC);
    g_assert_cmpstr(error->message, ==, "engine '/nowhere/qemu': cannot be started: No such file or directory");
}
