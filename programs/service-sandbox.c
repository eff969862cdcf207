/* SPDX-License-Identifier: MIT */
/*
 * The seccomp sandbox.
 *
 * libseccomp is loaded only when a sandbox is requested.
 */
#include "service-sandbox.h"

#include "vt-runtime/error.h"

#ifdef CONFIG_SECCOMP

#include <errno.h>
#include <sched.h>
#include <seccomp.h>

#include "service-sandbox-calls.h"
#include "vt-runtime/library.h"

#define FUNCTIONS(F)                                                                                                   \
    F(seccomp_init) F(seccomp_api_get) F(seccomp_attr_set) F(seccomp_rule_add_array) F(seccomp_load) F(seccomp_release)

static struct {
    FUNCTIONS(VT_LIBRARY_POINTER)
} seccomp;

VT_LIBRARY(library, VT_SONAME_SECCOMP, FUNCTIONS(VT_LIBRARY_NAME), seccomp);

#define KILLS_API 3 /* from this API level on, a filter can kill the whole process and not only a thread */

/* Index of the argument of clone() that has the flags. */
#ifdef __s390x__
#define CLONE_FLAGS 1
#else
#define CLONE_FLAGS 0
#endif

/* ---- filter -------------------------------------------------------------------------------------------- */

/* Returns -errno, like libseccomp.  Ignores a call that the architecture does not have. */
static int
add(scmp_filter_ctx filter, uint32_t action, const ServiceCalls *calls)
{
    int result = 0;

    for (size_t i = 0; !result && i < calls->n; i++) {
        result = seccomp.seccomp_rule_add_array(filter, action, calls->calls[i], 0, NULL);
    }
    return result;
}

/* Adds a rule for the form of clone() that creates a process, or a thread. */
static int
add_clone(scmp_filter_ctx filter, uint32_t action, bool thread)
{
    const struct scmp_arg_cmp flags =
        SCMP_CMP(CLONE_FLAGS, SCMP_CMP_MASKED_EQ, CLONE_THREAD, thread ? CLONE_THREAD : 0);

    return seccomp.seccomp_rule_add_array(filter, action, SCMP_SYS(clone), 1, &flags);
}

/* Threads stay possible.  A filter cannot read the flags of clone3(), so it returns ENOSYS and the C library uses
 * clone(). */
static int
deny_spawning(scmp_filter_ctx filter, uint32_t action, bool lists_denied)
{
    int result = add(filter, action, &service_calls_spawning);

    result = result ? result : add_clone(filter, action, false);
    return result || !lists_denied
               ? result
               : seccomp.seccomp_rule_add_array(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0, NULL);
}

static bool
has(uint32_t groups, VtSyscallGroup group)
{
    return groups >> group & 1;
}

/* A denied call kills the process, but resourcecontrol returns an error. */
static int
deny(scmp_filter_ctx filter, const VtSandboxOptions *options, bool lists_denied, uint32_t groups)
{
    uint32_t ends = seccomp.seccomp_api_get() >= KILLS_API ? SCMP_ACT_KILL_PROCESS : SCMP_ACT_TRAP;
    int result = add(filter, ends, &service_calls_always);

    if (!result && options->obsolete == VT_SANDBOX_POLICY_DENY) {
        result = add(filter, ends, &service_calls_obsolete);
    }
    if (!result && !has(groups, VT_SYSCALL_GROUP_PRIVILEGES) &&
        options->elevateprivileges != VT_SANDBOX_PRIVILEGES_ALLOW) {
        result = add(filter, ends, &service_calls_privileges);
    }
    if (!result && !has(groups, VT_SYSCALL_GROUP_SPAWN) && options->spawn == VT_SANDBOX_POLICY_DENY) {
        result = deny_spawning(filter, ends, lists_denied);
    }
    if (!result && !has(groups, VT_SYSCALL_GROUP_RESOURCE_CONTROL) &&
        options->resourcecontrol == VT_SANDBOX_POLICY_DENY) {
        result = add(filter, SCMP_ACT_ERRNO(EPERM), &service_calls_resources);
    }
    return result;
}

static int
allow(scmp_filter_ctx filter, const VtSandboxOptions *options, uint32_t groups)
{
    int result = add(filter, SCMP_ACT_ALLOW, &service_calls_base);

    for (unsigned i = 0; !result && i < VT_SYSCALL_GROUP__MAX; i++) {
        result = has(groups, i) ? add(filter, SCMP_ACT_ALLOW, &service_calls_groups[i]) : 0;
    }
    if (!result && options->obsolete == VT_SANDBOX_POLICY_ALLOW) {
        result = add(filter, SCMP_ACT_ALLOW, &service_calls_obsolete);
    }
    if (!result && !has(groups, VT_SYSCALL_GROUP_SPAWN)) {
        result = add_clone(filter, SCMP_ACT_ALLOW, true);
    }
    return result;
}

/* Loading the filter also sets no_new_privs, so execve() gains no privileges. */
static int
fill(scmp_filter_ctx filter, const VtSandboxOptions *options, bool lists_denied, uint32_t groups)
{
    int result = seccomp.seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1);

    result = result ? result : deny(filter, options, lists_denied, groups);
    result = result || lists_denied ? result : allow(filter, options, groups);
    return result ? result : seccomp.seccomp_load(filter);
}

bool
service_sandbox_load(const VtSandboxOptions *options, bool lists_denied, uint32_t groups, GError **error)
{
    scmp_filter_ctx filter;
    int result;

    if (!vt_library_load(&library, error)) {
        return false;
    }
    /* ENOSYS for other calls: libraries fall back as on an old kernel. */
    filter = seccomp.seccomp_init(lists_denied ? SCMP_ACT_ALLOW : SCMP_ACT_ERRNO(ENOSYS));
    result = filter ? fill(filter, options, lists_denied, groups) : -ENOMEM;
    if (filter) {
        seccomp.seccomp_release(filter);
    }
    return result == 0 || vt_error_set(error, "the kernel rejects the system call filter: %s", g_strerror(-result));
}

#else

bool
service_sandbox_load(const VtSandboxOptions *options, bool lists_denied, uint32_t groups, GError **error)
{
    (void)options, (void)lists_denied, (void)groups;
    return vt_error_set(error, "this program was built without libseccomp");
}

#endif
