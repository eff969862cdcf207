/* SPDX-License-Identifier: MIT */
/*
 * Probe of io_uring: creates a ring of the smallest size and closes it.
 */
#include <errno.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <linux/io_uring.h>

#include "vt-runtime/context.h"

extern const VtProbe vt_probe_io_uring;

#ifdef CONFIG_LIBURING

static VtAnswer
ask_io_uring(char **ret_detail)
{
    struct io_uring_params params = {0};
    int ring = (int)syscall(__NR_io_uring_setup, 1, &params);

    if (ring >= 0) {
        close(ring);
        *ret_detail = g_strdup_printf("io_uring_setup works (features 0x%x)", params.features);
        return VT_ANSWER_YES;
    }
    *ret_detail = g_strdup_printf("io_uring_setup: %s", g_strerror(errno));
    switch (errno) {
    case ENOSYS: /* the kernel lacks io_uring */
    case EPERM:  /* the sysctl kernel.io_uring_disabled, or a seccomp filter */
    case EACCES:
        return VT_ANSWER_NO;
    default: /* memory or file descriptors are short */
        return VT_ANSWER_UNKNOWN;
    }
}

#else

/* Without liburing, the program cannot use io_uring on any host. */
static VtAnswer
ask_io_uring(char **ret_detail)
{
    *ret_detail = g_strdup("this program was built without liburing");
    return VT_ANSWER_NO;
}

#endif

const VtProbe vt_probe_io_uring = {.ask = ask_io_uring};
