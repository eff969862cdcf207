/* SPDX-License-Identifier: MIT */
/*
 * Makes a system call of a program fail or wait.  The program runs with LD_PRELOAD.  VT_FAULT names a file that the
 * test maps, too: it selects the call on a socket, a countdown and the errno.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

enum { NONE, ACCEPT, READ, SEND, POLL, EPOLL_WAIT, EPOLL_CTL, TRUNCATE, POPULATE };
enum { WAITS = -1 };

#define POPULATE_WRITE 23 /* MADV_POPULATE_WRITE; older headers lack it */

typedef struct Plan {
    int32_t call;
    int32_t countdown; /* 1: the next one */
    int32_t number;    /* errno; 0: only one byte is sent; WAITS: the call waits for the errno */
    int32_t hits;
} Plan;

static volatile Plan *plan;

__attribute__((constructor)) static void
map_plan(void)
{
    const char *path = getenv("VT_FAULT");
    int fd = path ? open(path, O_RDWR | O_CLOEXEC) : -1;
    void *data = fd >= 0 ? mmap(NULL, sizeof(Plan), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0) : MAP_FAILED;

    plan = data == MAP_FAILED ? NULL : data;
    if (fd >= 0) {
        close(fd);
    }
}

static int
is_socket(int fd)
{
    int number = errno, type;
    socklen_t size = sizeof type;
    int result = getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) == 0;

    errno = number;
    return result;
}

/* Returns whether this call is the selected one. */
static int
strikes(int call)
{
    if (!plan || plan->call != call || --plan->countdown) {
        return 0;
    }
    plan->call = NONE;
    plan->hits++;
    while (plan->number == WAITS) {
        usleep(1000);
    }
    errno = plan->number;
    return 1;
}

int
accept4(int fd, __SOCKADDR_ARG address, socklen_t *size, int flags)
{
    int (*next)(int, __SOCKADDR_ARG, socklen_t *, int) = dlsym(RTLD_NEXT, "accept4");

    return strikes(ACCEPT) ? -1 : next(fd, address, size, flags);
}

ssize_t
read(int fd, void *data, size_t size)
{
    ssize_t (*next)(int, void *, size_t) = dlsym(RTLD_NEXT, "read");

    return plan && plan->call == READ && is_socket(fd) && strikes(READ) ? -1 : next(fd, data, size);
}

ssize_t
recvmsg(int fd, struct msghdr *message, int flags)
{
    ssize_t (*next)(int, struct msghdr *, int) = dlsym(RTLD_NEXT, "recvmsg");

    return strikes(READ) ? -1 : next(fd, message, flags);
}

ssize_t
sendmsg(int fd, const struct msghdr *message, int flags)
{
    ssize_t (*next)(int, const struct msghdr *, int) = dlsym(RTLD_NEXT, "sendmsg");

    if (strikes(SEND)) {
        return plan->number ? -1 : send(fd, message->msg_iov[0].iov_base, 1, flags);
    }
    return next(fd, message, flags);
}

int
poll(struct pollfd *fds, nfds_t n, int timeout)
{
    int (*next)(struct pollfd *, nfds_t, int) = dlsym(RTLD_NEXT, "poll");

    return strikes(POLL) ? -1 : next(fds, n, timeout);
}

int
epoll_wait(int fd, struct epoll_event *events, int n, int timeout)
{
    int (*next)(int, struct epoll_event *, int, int) = dlsym(RTLD_NEXT, "epoll_wait");

    return strikes(EPOLL_WAIT) ? -1 : next(fd, events, n, timeout);
}

int
epoll_ctl(int fd, int operation, int of, struct epoll_event *event)
{
    int (*next)(int, int, int, struct epoll_event *) = dlsym(RTLD_NEXT, "epoll_ctl");

    return operation != EPOLL_CTL_DEL && strikes(EPOLL_CTL) ? -1 : next(fd, operation, of, event);
}

int
ftruncate(int fd, off_t length)
{
    int (*next)(int, off_t) = dlsym(RTLD_NEXT, "ftruncate64");

    return strikes(TRUNCATE) && plan->number ? -1 : next(fd, length);
}

int
madvise(void *start, size_t size, int advice)
{
    int (*next)(void *, size_t, int) = dlsym(RTLD_NEXT, "madvise");

    return advice == POPULATE_WRITE && strikes(POPULATE) && plan->number ? -1 : next(start, size, advice);
}
