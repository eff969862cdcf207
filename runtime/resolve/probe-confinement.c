/* SPDX-License-Identifier: MIT */
/*
 * Probes of what a process can use to limit itself. They ask for a version or an action, and limit nothing.
 */
#include <errno.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "vt-runtime/context.h"

/* From <linux/landlock.h> and <linux/seccomp.h>; older headers lack them.  Landlock has one number everywhere. */
#ifndef __NR_landlock_create_ruleset
#define __NR_landlock_create_ruleset 444
#endif
#define RULESET_VERSION  1u
#define GET_ACTION_AVAIL 2u
#define RET_KILL_PROCESS 0x80000000u

extern const VtProbe vt_probe_landlock, vt_probe_seccomp_filter;

static VtAnswer
ask_landlock(char **ret_detail)
{
    long version = syscall(__NR_landlock_create_ruleset, NULL, 0, RULESET_VERSION);

    if (version > 0) {
        *ret_detail = g_strdup_printf("Landlock has version %ld", version);
        return VT_ANSWER_YES;
    }
    *ret_detail = g_strdup_printf("landlock_create_ruleset: %s", g_strerror(errno));
    /* ENOSYS: the kernel lacks it; EOPNOTSUPP: it is not enabled.  A filter may hide it with another error. */
    return errno == ENOSYS || errno == EOPNOTSUPP ? VT_ANSWER_NO : VT_ANSWER_UNKNOWN;
}

static VtAnswer
ask_seccomp_filter(char **ret_detail)
{
    const uint32_t action = RET_KILL_PROCESS;

    if (syscall(__NR_seccomp, GET_ACTION_AVAIL, 0, &action) == 0) {
        *ret_detail = g_strdup("seccomp has SECCOMP_RET_KILL_PROCESS");
        return VT_ANSWER_YES;
    }
    *ret_detail = g_strdup_printf("SECCOMP_GET_ACTION_AVAIL: %s", g_strerror(errno));
    return errno == ENOSYS || errno == EINVAL || errno == EOPNOTSUPP ? VT_ANSWER_NO : VT_ANSWER_UNKNOWN;
}

const VtProbe vt_probe_landlock = {.ask = ask_landlock};
const VtProbe vt_probe_seccomp_filter = {.ask = ask_seccomp_filter};
