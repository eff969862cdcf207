/* SPDX-License-Identifier: MIT */
#include "child.h"

#include <errno.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "vt-runtime/error.h"

#define WORDS_MAX 4096

struct EngineChild {
    GPid pid;
    int monitor, words;
};

/* In the child, before it runs the binary. */
static void
die_with_us(gpointer opaque)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != GPOINTER_TO_INT(opaque)) {
        _exit(1);
    }
}

static bool
spawn(EngineChild *child, char **argv, int theirs, GError **error)
{
    const int kept = 3;
    int none = -1;

    return g_spawn_async_with_pipes_and_fds(
        NULL, (const char *const *)argv, NULL, G_SPAWN_DO_NOT_REAP_CHILD | G_SPAWN_STDOUT_TO_DEV_NULL, die_with_us,
        GINT_TO_POINTER(getpid()), none, none, child->words, &theirs, &kept, 1, &child->pid, NULL, NULL, NULL, error);
}

EngineChild *
engine_child_new(const char *binary, const char **arguments, GError **error)
{
    static const char *monitor[] = {"-chardev", "socket,id=monitor,fd=3", "-mon", "chardev=monitor,mode=control", NULL};
    g_autoptr(GStrvBuilder) builder = g_strv_builder_new();
    g_auto(GStrv) argv = NULL;
    EngineChild *child;
    GError *failure = NULL;
    int fds[2], words = memfd_create("engine", MFD_CLOEXEC);
    bool ok;

    if (words < 0 || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) < 0) {
        vt_error_set(error, "cannot start '%s': %s", binary, g_strerror(errno));
        if (words >= 0) {
            close(words);
        }
        return NULL;
    }
    child = g_new(EngineChild, 1);
    *child = (EngineChild){.monitor = fds[0], .words = words};
    g_strv_builder_add(builder, binary);
    g_strv_builder_addv(builder, arguments);
    g_strv_builder_addv(builder, monitor);
    argv = g_strv_builder_end(builder);
    ok = spawn(child, argv, fds[1], &failure);
    close(fds[1]);
    if (!ok) {
        vt_error_set(error, "cannot start '%s': %s", binary, failure->message);
        g_clear_error(&failure);
        child->pid = 0;
        engine_child_free(child);
        return NULL;
    }
    return child;
}

static void
end(EngineChild *child)
{
    if (child->pid) {
        kill(child->pid, SIGKILL);
        while (waitpid(child->pid, NULL, 0) < 0 && errno == EINTR) {
        }
        child->pid = 0;
    }
}

void
engine_child_free(EngineChild *child)
{
    end(child);
    if (child->monitor >= 0) {
        close(child->monitor);
    }
    close(child->words);
    g_free(child);
}

int
engine_child_steal_monitor(EngineChild *child)
{
    int fd = child->monitor;

    child->monitor = -1;
    return fd;
}

char *
engine_child_last_words(EngineChild *child)
{
    g_autofree char *text = g_malloc0(WORDS_MAX + 1);
    off_t size;
    char *line;

    end(child);
    size = lseek(child->words, 0, SEEK_END);
    if (size <= 0 || pread(child->words, text, WORDS_MAX, MAX(size - WORDS_MAX, 0)) <= 0) {
        return NULL;
    }
    g_strchomp(text);
    line = strrchr(text, '\n');
    return g_strdup(line ? line + 1 : text);
}
