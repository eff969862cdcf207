/* SPDX-License-Identifier: MIT */
/*
 * Whether this process may set up an io_uring: a ring of the smallest size is made and closed at once.
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
    case ENOSYS: /* a kernel without it */
    case EPERM:  /* kernel.io_uring_disabled, or a seccomp filter */
    case EACCES:
        return VT_ANSWER_NO;
    default: /* short of memory or file descriptors just now */
        return VT_ANSWER_UNKNOWN;
    }
}

#else

/* Whatever the host could: nothing here would use it. */
static VtAnswer
ask_io_uring(char **ret_detail)
{
    *ret_detail = g_strdup("this program was built without liburing");
    return VT_ANSWER_NO;
}

#endif

const VtProbe vt_probe_io_uring = {.ask = ask_io_uring};
