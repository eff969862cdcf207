/* SPDX-License-Identifier: MIT */
/*
 * Makes one system call in a sandbox: sandbox-call POLICY CALL.  The exit status is 0 or the errno; 77: no sandbox.
 * With "profile" in the policy, only the calls of every process stay allowed, and the groups of each "grant=GROUP".
 */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "service-profile.h"
#include "service-sandbox.h"

static void *
nothing(void *opaque)
{
    return opaque;
}

static int
start_thread(void)
{
    pthread_t thread;
    int error = pthread_create(&thread, NULL, nothing, NULL);

    return error ? error : pthread_join(thread, NULL);
}

/* Dangerous calls have arguments that the kernel rejects, and that error shows that they are allowed. */
static int
make(const char *name)
{
    char *const argv[] = {(char *)"true", NULL};
    cpu_set_t cpus;
    long result = 0;

    if (strcmp(name, "thread") == 0) {
        return start_thread();
    } else if (strcmp(name, "fork") == 0) {
        result = syscall(SYS_clone, 17 /* SIGCHLD */, 0, 0, 0, 0);
        if (result == 0) {
            _exit(0);
        }
    } else if (strcmp(name, "vfork") == 0) {
        result = syscall(SYS_clone, 0x4000 | 17, 0, 0, 0, 0);
        if (result == 0) {
            _exit(0);
        }
    } else if (strcmp(name, "clone3") == 0) {
        result = syscall(SYS_clone3, NULL, 0);
    } else if (strcmp(name, "execve") == 0) {
        result = execv("/bin/true", argv);
    } else if (strcmp(name, "unshare") == 0) {
        result = unshare(0);
    } else if (strcmp(name, "setsid") == 0) {
        setsid();
    } else if (strcmp(name, "setuid") == 0) {
        result = setuid(getuid());
    } else if (strcmp(name, "swapon") == 0) {
        result = syscall(SYS_swapon, "", 0);
    } else if (strcmp(name, "kexec_load") == 0) {
        result = syscall(SYS_kexec_load, 0, 0, NULL, ~0UL);
    } else if (strcmp(name, "ustat") == 0) {
#ifdef SYS_ustat
        syscall(SYS_ustat, 0, NULL);
#endif
    } else if (strcmp(name, "setpriority") == 0) {
        result = setpriority(PRIO_PROCESS, 0, getpriority(PRIO_PROCESS, 0));
    } else if (strcmp(name, "sched_setaffinity") == 0) {
        sched_getaffinity(0, sizeof cpus, &cpus);
        result = sched_setaffinity(0, sizeof cpus, &cpus);
    } else if (g_ascii_isdigit(name[0])) {
        result = syscall(atol(name), -1, -1, -1, -1, -1, -1);
    } else if (strcmp(name, "none") != 0) {
        return 2;
    }
    return result < 0 ? errno : 0;
}

static const struct {
    const char *name;
    VtSyscallGroup group;
} names[] = {
    {"network", VT_SYSCALL_GROUP_NETWORK},
    {"io-uring", VT_SYSCALL_GROUP_IO_URING},
    {"aio", VT_SYSCALL_GROUP_AIO},
    {"memfd", VT_SYSCALL_GROUP_MEMFD},
    {"memory-policy", VT_SYSCALL_GROUP_MEMORY_POLICY},
    {"keyring", VT_SYSCALL_GROUP_KEYRING},
    {"spawn", VT_SYSCALL_GROUP_SPAWN},
    {"privileges", VT_SYSCALL_GROUP_PRIVILEGES},
    {"resource-control", VT_SYSCALL_GROUP_RESOURCE_CONTROL},
};

static bool
says(const char *policy, const char *option, const char *value)
{
    g_autofree char *whole = g_strdup_printf("%s=%s", option, value);

    return strstr(policy, whole) != NULL;
}

int
main(int argc, char **argv)
{
    const char *policy = argc == 3 ? argv[1] : "";
    const VtSandboxOptions options = {
        .enable = g_str_has_prefix(policy, "on"),
        .obsolete = says(policy, "obsolete", "allow") ? VT_SANDBOX_POLICY_ALLOW : VT_SANDBOX_POLICY_DENY,
        .elevateprivileges = says(policy, "elevateprivileges", "deny")       ? VT_SANDBOX_PRIVILEGES_DENY
                             : says(policy, "elevateprivileges", "children") ? VT_SANDBOX_PRIVILEGES_CHILDREN
                                                                             : VT_SANDBOX_PRIVILEGES_ALLOW,
        .spawn = says(policy, "spawn", "deny") ? VT_SANDBOX_POLICY_DENY : VT_SANDBOX_POLICY_ALLOW,
        .resourcecontrol = says(policy, "resourcecontrol", "deny") ? VT_SANDBOX_POLICY_DENY : VT_SANDBOX_POLICY_ALLOW,
    };
    bool is_profile = strstr(policy, "profile") != NULL;
    uint32_t groups = is_profile ? 0 : SERVICE_SANDBOX_ALL;
    g_autoptr(GError) error = NULL;

    for (size_t i = 0; is_profile && i < G_N_ELEMENTS(names); i++) {
        groups |= says(policy, "grant", names[i].name) ? 1u << names[i].group : 0;
    }
    if (argc != 3) {
        return 2;
    }
    if (options.enable &&
        !service_sandbox_load(&options, !is_profile, groups & ~service_profile_denied(&options), &error)) {
        fprintf(stderr, "%s\n", error->message);
        return 77;
    }
    return make(argv[2]);
}
