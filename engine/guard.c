/* SPDX-License-Identifier: MIT */
/*
 * The guard of an engine that changes its user.
 *
 * It is forked from a process with threads, so that it only calls what is async-signal-safe: system calls.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "child.h"

#define RETRY_MS 10

/* Closes all descriptors but two. */
static void
close_others(unsigned one, unsigned other)
{
    unsigned low = MIN(one, other), high = MAX(one, other);

    if (low > 0) {
        syscall(SYS_close_range, 0, low - 1, 0);
    }
    if (high > low + 1) {
        syscall(SYS_close_range, low + 1, high - 1, 0);
    }
    syscall(SYS_close_range, high + 1, ~0u, 0);
}

/* The guard has the user of the engine, and no more rights.  The engine changes its group before its user: in between,
 * it cannot be killed yet. */
static void
guard(int engine, int parent, const VtEngineUser *user)
{
    struct pollfd both[] = {{.fd = engine, .events = POLLIN}, {.fd = parent, .events = POLLIN}};

    prctl(PR_SET_NAME, "vt-guard");
    if (syscall(SYS_setgroups, 0, NULL) < 0 || syscall(SYS_setresgid, user->gid, user->gid, user->gid) < 0 ||
        syscall(SYS_setresuid, user->uid, user->uid, user->uid) < 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0) {
        _exit(1);
    }
    close_others((unsigned)engine, (unsigned)parent);
    while (!both[0].revents && !both[1].revents) {
        poll(both, G_N_ELEMENTS(both), -1);
    }
    while (!both[0].revents) {
        syscall(SYS_pidfd_send_signal, engine, SIGKILL, NULL, 0);
        poll(both, 1, RETRY_MS);
    }
    _exit(0);
}

pid_t
engine_guard_start(int pidfd, const VtEngineUser *user)
{
    int parent = (int)syscall(SYS_pidfd_open, getpid(), 0), number;
    sigset_t all, before;
    pid_t pid;

    if (parent < 0) {
        return -1;
    }
    /* A signal to all processes of the terminal ends the others, and they end the guard. */
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    pid = fork();
    if (pid == 0) {
        guard(pidfd, parent, user);
    }
    number = errno;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    close(parent);
    errno = number;
    return pid;
}
