/* SPDX-License-Identifier: MIT */
#include "service-teardown.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "vt-runtime/error.h"

#define STACK_SIZE (64 << 10)

typedef struct Teardown {
    int process; /* pidfd of the process to wait for */
    int failed;  /* errno of the second process's startup; shared memory */
} Teardown;

#define ALLOW(CALL) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (CALL), 0, 1), BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)

static struct sock_filter calls[] = {
    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
    ALLOW(SYS_close_range),
    ALLOW(SYS_ppoll),
    ALLOW(SYS_exit_group),
    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
};

static const struct sock_fprog filter = {G_N_ELEMENTS(calls), calls};

/* The second process drops all privileges, because an attacker of this process could write to its memory. */
static bool
give_up(int process)
{
    return prctl(PR_SET_NAME, "vt-teardown") == 0 && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
           prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) == 0 &&
           (process == 0 || syscall(SYS_close_range, 0, process - 1, 0) == 0) &&
           syscall(SYS_close_range, process + 1, ~0u, 0) == 0;
}

/* Runs in the second process.  The first process continues when this one has closed its descriptors or has ended; until
 * then only this thread uses the thread-local memory of the C library. */
static int
wait_for_end(void *opaque)
{
    Teardown *teardown = opaque;
    struct pollfd process = {.fd = teardown->process, .events = POLLIN};

    if (!give_up(teardown->process)) {
        teardown->failed = errno;
        syscall(SYS_exit_group, 1);
    }
    /* ppoll() returns after all threads of the first process have ended. */
    while (syscall(SYS_ppoll, &process, 1, NULL, NULL, 0) < 0) {
    }
    return (int)syscall(SYS_exit_group, 0);
}

/* The second process blocks all signals, so a signal to both ends the first one only. */
static pid_t
start(Teardown *teardown, char *stack)
{
    sigset_t all, before;
    pid_t pid;
    int result;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    pid = clone(wait_for_end, stack + STACK_SIZE, CLONE_VM, teardown);
    result = errno;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    errno = result;
    return pid;
}

static bool
fail(const char *what, int number, GError **error)
{
    return vt_error_set(error, "async-teardown: %s: %s", what, g_strerror(number));
}

bool
service_teardown_start(GError **error)
{
    static Teardown teardown; /* static, because the second process uses it and the stack until it ends */
    int started[2];
    void *stack;
    char byte;
    bool ok;

    teardown.process = (int)syscall(SYS_pidfd_open, getpid(), 0);
    if (teardown.process < 0) {
        return fail("the kernel does not support pidfds", errno, error);
    }
    if (pipe2(started, O_CLOEXEC) < 0) {
        ok = fail("no pipe", errno, error);
        close(teardown.process);
        return ok;
    }
    stack = mmap(NULL, STACK_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
    ok = (stack != MAP_FAILED && start(&teardown, stack) >= 0) || fail("a process cannot be started", errno, error);
    close(started[1]);
    while (ok && read(started[0], &byte, 1) < 0 && errno == EINTR) {
    }
    close(started[0]);
    close(teardown.process);
    return ok && (!teardown.failed || fail("the process cannot drop its privileges", teardown.failed, error));
}
