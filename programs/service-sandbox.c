/* SPDX-License-Identifier: MIT */
/*
 * The sandbox: system calls that the process gives up before it opens anything.
 *
 * libseccomp is loaded when a sandbox is asked for; no other start pays for it.
 */
#include "service-sandbox.h"

#include "vt-runtime/error.h"

#ifdef CONFIG_SECCOMP

#include <errno.h>
#include <sched.h>
#include <seccomp.h>

#include "vt-runtime/library.h"

#define FUNCTIONS(F)                                                                                                   \
    F(seccomp_init) F(seccomp_api_get) F(seccomp_attr_set) F(seccomp_rule_add_array) F(seccomp_load) F(seccomp_release)

static struct {
    FUNCTIONS(VT_LIBRARY_POINTER)
} seccomp;

static const VtLibrary library = {VT_SONAME_SECCOMP, FUNCTIONS(VT_LIBRARY_NAME), &seccomp, sizeof seccomp};

#define KILLS_API 3 /* from this on the kernel can end the whole process, not the thread alone */

/* Where clone() has its flags. */
#ifdef __s390x__
#define CLONE_FLAGS 1
#else
#define CLONE_FLAGS 0
#endif

/* ---- which calls --------------------------------------------------------------------------------------- */

/* What nobody has a use for who runs virtual machines. */
static const int always[] = {
    SCMP_SYS(reboot),      SCMP_SYS(swapon),  SCMP_SYS(swapoff), SCMP_SYS(syslog),   SCMP_SYS(mount),
    SCMP_SYS(umount),      SCMP_SYS(umount2), SCMP_SYS(ftime),   SCMP_SYS(gtty),     SCMP_SYS(kexec_load),
    SCMP_SYS(afs_syscall), SCMP_SYS(break),   SCMP_SYS(getpmsg), SCMP_SYS(lock),     SCMP_SYS(mpx),
    SCMP_SYS(prof),        SCMP_SYS(profil),  SCMP_SYS(putpmsg), SCMP_SYS(security), SCMP_SYS(stty),
    SCMP_SYS(tuxcall),     SCMP_SYS(ulimit),  SCMP_SYS(vserver),
};

static const int obsolete[] = {
    SCMP_SYS(readdir),         SCMP_SYS(_sysctl),      SCMP_SYS(bdflush),  SCMP_SYS(create_module),
    SCMP_SYS(get_kernel_syms), SCMP_SYS(query_module), SCMP_SYS(sgetmask), SCMP_SYS(ssetmask),
    SCMP_SYS(sysfs),           SCMP_SYS(uselib),       SCMP_SYS(ustat),
};

static const int privileges[] = {
    SCMP_SYS(setuid),   SCMP_SYS(setgid),    SCMP_SYS(setpgid),   SCMP_SYS(setsid),   SCMP_SYS(setreuid),
    SCMP_SYS(setregid), SCMP_SYS(setresuid), SCMP_SYS(setresgid), SCMP_SYS(setfsuid), SCMP_SYS(setfsgid),
};

static const int spawning[] = {
    SCMP_SYS(fork), SCMP_SYS(vfork), SCMP_SYS(execve), SCMP_SYS(execveat), SCMP_SYS(setns), SCMP_SYS(unshare),
};

static const int resources[] = {
    SCMP_SYS(setpriority),
    SCMP_SYS(sched_setparam),
    SCMP_SYS(sched_setscheduler),
    SCMP_SYS(sched_setaffinity),
};

/* ---- the filter ---------------------------------------------------------------------------------------- */

/* -ERRNO, as all of the library.  A call that the architecture has not is none that could be denied. */
static int
deny(scmp_filter_ctx filter, uint32_t action, const int *calls, size_t n)
{
    int result = 0;

    for (size_t i = 0; !result && i < n; i++) {
        result = seccomp.seccomp_rule_add_array(filter, action, calls[i], 0, NULL);
    }
    return result;
}

/* Threads are made as before.  clone3() has its flags where no filter sees them: then the C library takes clone(). */
static int
deny_spawning(scmp_filter_ctx filter, uint32_t action)
{
    const struct scmp_arg_cmp no_thread = SCMP_CMP(CLONE_FLAGS, SCMP_CMP_MASKED_EQ, CLONE_THREAD, 0);
    int result = deny(filter, action, spawning, G_N_ELEMENTS(spawning));

    if (!result) {
        result = seccomp.seccomp_rule_add_array(filter, action, SCMP_SYS(clone), 1, &no_thread);
    }
    return result ? result : seccomp.seccomp_rule_add_array(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0, NULL);
}

/* Loading also gives up, for the process and all that it starts, what execve() could give it of other rights. */
static int
fill(scmp_filter_ctx filter, const VtSandboxOptions *options)
{
    uint32_t ends = seccomp.seccomp_api_get() >= KILLS_API ? SCMP_ACT_KILL_PROCESS : SCMP_ACT_TRAP;
    int result = seccomp.seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1);

    if (!result) {
        result = deny(filter, ends, always, G_N_ELEMENTS(always));
    }
    if (!result && options->obsolete == VT_SANDBOX_POLICY_DENY) {
        result = deny(filter, ends, obsolete, G_N_ELEMENTS(obsolete));
    }
    if (!result && options->elevateprivileges != VT_SANDBOX_PRIVILEGES_ALLOW) {
        result = deny(filter, ends, privileges, G_N_ELEMENTS(privileges));
    }
    if (!result && options->spawn == VT_SANDBOX_POLICY_DENY) {
        result = deny_spawning(filter, ends);
    }
    if (!result && options->resourcecontrol == VT_SANDBOX_POLICY_DENY) {
        result = deny(filter, SCMP_ACT_ERRNO(EPERM), resources, G_N_ELEMENTS(resources));
    }
    return result ? result : seccomp.seccomp_load(filter);
}

bool
service_sandbox(const VtSandboxOptions *options, GError **error)
{
    scmp_filter_ctx filter;
    int result;

    if (!options->enable) {
        return true;
    }
    if (!vt_library_load(&library, error)) {
        g_prefix_error(error, "-sandbox: ");
        return false;
    }
    filter = seccomp.seccomp_init(SCMP_ACT_ALLOW);
    result = filter ? fill(filter, options) : -ENOMEM;
    if (filter) {
        seccomp.seccomp_release(filter);
    }
    return result == 0 || vt_error_set(error, "-sandbox: the kernel does not take the filter of system calls: %s",
                                       g_strerror(-result));
}

#else

bool
service_sandbox(const VtSandboxOptions *options, GError **error)
{
    return !options->enable || vt_error_set(error, "-sandbox: this program was built without libseccomp");
}

#endif
