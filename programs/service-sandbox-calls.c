/* SPDX-License-Identifier: MIT */
#include "service-sandbox-calls.h"

#ifdef CONFIG_SECCOMP

#include <seccomp.h>

#include "vt-gen/runtime.h"

#define CALLS(NAME)                                                                                                    \
    {                                                                                                                  \
        NAME, G_N_ELEMENTS(NAME)                                                                                       \
    }

/* ---- denied calls ----------------------------------------------------------------------------------------- */

/* Calls that no process needs that serves a VM. */
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

/* ---- calls that every process needs ----------------------------------------------------------------------- */

/* clone() and clone3(), which create threads and processes, have separate rules. */
static const int base[] = {
    SCMP_SYS(read),
    SCMP_SYS(write),
    SCMP_SYS(readv),
    SCMP_SYS(writev),
    SCMP_SYS(pread64),
    SCMP_SYS(pwrite64),
    SCMP_SYS(preadv),
    SCMP_SYS(pwritev),
    SCMP_SYS(preadv2),
    SCMP_SYS(pwritev2),
    SCMP_SYS(open),
    SCMP_SYS(openat),
    SCMP_SYS(openat2),
    SCMP_SYS(creat),
    SCMP_SYS(close),
    SCMP_SYS(close_range),
    SCMP_SYS(lseek),
    SCMP_SYS(_llseek),
    SCMP_SYS(stat),
    SCMP_SYS(fstat),
    SCMP_SYS(lstat),
    SCMP_SYS(stat64),
    SCMP_SYS(fstat64),
    SCMP_SYS(lstat64),
    SCMP_SYS(newfstatat),
    SCMP_SYS(fstatat64),
    SCMP_SYS(statx),
    SCMP_SYS(statfs),
    SCMP_SYS(fstatfs),
    SCMP_SYS(statfs64),
    SCMP_SYS(fstatfs64),
    SCMP_SYS(access),
    SCMP_SYS(faccessat),
    SCMP_SYS(faccessat2),
    SCMP_SYS(readlink),
    SCMP_SYS(readlinkat),
    SCMP_SYS(getdents),
    SCMP_SYS(getdents64),
    SCMP_SYS(getcwd),
    SCMP_SYS(chdir),
    SCMP_SYS(fchdir),
    SCMP_SYS(mkdir),
    SCMP_SYS(mkdirat),
    SCMP_SYS(rename),
    SCMP_SYS(renameat),
    SCMP_SYS(renameat2),
    SCMP_SYS(unlink),
    SCMP_SYS(unlinkat),
    SCMP_SYS(rmdir),
    SCMP_SYS(link),
    SCMP_SYS(linkat),
    SCMP_SYS(symlink),
    SCMP_SYS(symlinkat),
    SCMP_SYS(chmod),
    SCMP_SYS(fchmod),
    SCMP_SYS(fchmodat),
    SCMP_SYS(chown),
    SCMP_SYS(fchown),
    SCMP_SYS(lchown),
    SCMP_SYS(fchownat),
    SCMP_SYS(umask),
    SCMP_SYS(truncate),
    SCMP_SYS(ftruncate),
    SCMP_SYS(truncate64),
    SCMP_SYS(ftruncate64),
    SCMP_SYS(fallocate),
    SCMP_SYS(fsync),
    SCMP_SYS(fdatasync),
    SCMP_SYS(sync_file_range),
    SCMP_SYS(copy_file_range),
    SCMP_SYS(sendfile),
    SCMP_SYS(splice),
    SCMP_SYS(utimensat),
    SCMP_SYS(flock),
    SCMP_SYS(fcntl),
    SCMP_SYS(fcntl64),
    SCMP_SYS(ioctl),
    SCMP_SYS(dup),
    SCMP_SYS(dup2),
    SCMP_SYS(dup3),
    SCMP_SYS(pipe),
    SCMP_SYS(pipe2),
    SCMP_SYS(fadvise64),
    SCMP_SYS(readahead),
    SCMP_SYS(fgetxattr),
    SCMP_SYS(getxattr),
    SCMP_SYS(poll),
    SCMP_SYS(ppoll),
    SCMP_SYS(select),
    SCMP_SYS(_newselect),
    SCMP_SYS(pselect6),
    SCMP_SYS(epoll_create),
    SCMP_SYS(epoll_create1),
    SCMP_SYS(epoll_ctl),
    SCMP_SYS(epoll_wait),
    SCMP_SYS(epoll_pwait),
    SCMP_SYS(epoll_pwait2),
    SCMP_SYS(eventfd),
    SCMP_SYS(eventfd2),
    SCMP_SYS(signalfd),
    SCMP_SYS(signalfd4),
    SCMP_SYS(timerfd_create),
    SCMP_SYS(timerfd_settime),
    SCMP_SYS(timerfd_gettime),
    SCMP_SYS(inotify_init1),
    SCMP_SYS(inotify_add_watch),
    SCMP_SYS(inotify_rm_watch),
    SCMP_SYS(pidfd_open),
    SCMP_SYS(pidfd_send_signal),
    SCMP_SYS(accept),
    SCMP_SYS(accept4),
    SCMP_SYS(getsockname),
    SCMP_SYS(getpeername),
    SCMP_SYS(getsockopt),
    SCMP_SYS(setsockopt),
    SCMP_SYS(send),
    SCMP_SYS(sendto),
    SCMP_SYS(sendmsg),
    SCMP_SYS(sendmmsg),
    SCMP_SYS(recv),
    SCMP_SYS(recvfrom),
    SCMP_SYS(recvmsg),
    SCMP_SYS(recvmmsg),
    SCMP_SYS(shutdown),
    SCMP_SYS(socketpair),
    SCMP_SYS(brk),
    SCMP_SYS(mmap),
    SCMP_SYS(mmap2),
    SCMP_SYS(munmap),
    SCMP_SYS(mremap),
    SCMP_SYS(mprotect),
    SCMP_SYS(madvise),
    SCMP_SYS(mincore),
    SCMP_SYS(msync),
    SCMP_SYS(mlock),
    SCMP_SYS(mlock2),
    SCMP_SYS(mlockall),
    SCMP_SYS(munlock),
    SCMP_SYS(munlockall),
    SCMP_SYS(membarrier),
    SCMP_SYS(get_mempolicy),
    SCMP_SYS(rt_sigaction),
    SCMP_SYS(rt_sigprocmask),
    SCMP_SYS(rt_sigreturn),
    SCMP_SYS(sigreturn),
    SCMP_SYS(rt_sigpending),
    SCMP_SYS(rt_sigtimedwait),
    SCMP_SYS(rt_sigsuspend),
    SCMP_SYS(rt_sigqueueinfo),
    SCMP_SYS(rt_tgsigqueueinfo),
    SCMP_SYS(sigaltstack),
    SCMP_SYS(kill),
    SCMP_SYS(tkill),
    SCMP_SYS(tgkill),
    SCMP_SYS(pause),
    SCMP_SYS(restart_syscall),
    SCMP_SYS(futex),
    SCMP_SYS(futex_waitv),
    SCMP_SYS(set_robust_list),
    SCMP_SYS(get_robust_list),
    SCMP_SYS(set_tid_address),
    SCMP_SYS(rseq),
    SCMP_SYS(clock_gettime),
    SCMP_SYS(clock_getres),
    SCMP_SYS(clock_nanosleep),
    SCMP_SYS(nanosleep),
    SCMP_SYS(gettimeofday),
    SCMP_SYS(time),
    SCMP_SYS(times),
    SCMP_SYS(getitimer),
    SCMP_SYS(setitimer),
    SCMP_SYS(timer_create),
    SCMP_SYS(timer_settime),
    SCMP_SYS(timer_gettime),
    SCMP_SYS(timer_delete),
    SCMP_SYS(getpid),
    SCMP_SYS(gettid),
    SCMP_SYS(getppid),
    SCMP_SYS(getpgrp),
    SCMP_SYS(getpgid),
    SCMP_SYS(getsid),
    SCMP_SYS(getuid),
    SCMP_SYS(geteuid),
    SCMP_SYS(getgid),
    SCMP_SYS(getegid),
    SCMP_SYS(getresuid),
    SCMP_SYS(getresgid),
    SCMP_SYS(getgroups),
    SCMP_SYS(getuid32),
    SCMP_SYS(geteuid32),
    SCMP_SYS(getgid32),
    SCMP_SYS(getegid32),
    SCMP_SYS(getresuid32),
    SCMP_SYS(getresgid32),
    SCMP_SYS(getgroups32),
    SCMP_SYS(capget),
    SCMP_SYS(wait4),
    SCMP_SYS(waitid),
    SCMP_SYS(waitpid),
    SCMP_SYS(exit),
    SCMP_SYS(exit_group),
    SCMP_SYS(getrlimit),
    SCMP_SYS(setrlimit),
    SCMP_SYS(ugetrlimit),
    SCMP_SYS(prlimit64),
    SCMP_SYS(getrusage),
    SCMP_SYS(getrandom),
    SCMP_SYS(getcpu),
    SCMP_SYS(uname),
    SCMP_SYS(sysinfo),
    SCMP_SYS(sched_yield),
    SCMP_SYS(sched_getaffinity),
    SCMP_SYS(sched_getparam),
    SCMP_SYS(sched_getscheduler),
    SCMP_SYS(sched_get_priority_max),
    SCMP_SYS(sched_get_priority_min),
    SCMP_SYS(getpriority),
    SCMP_SYS(prctl),
    SCMP_SYS(arch_prctl),
    SCMP_SYS(seccomp),
};

/* ---- calls that some classes need ------------------------------------------------------------------------- */

static const int network[] = {
    SCMP_SYS(socket), SCMP_SYS(bind), SCMP_SYS(connect), SCMP_SYS(listen), SCMP_SYS(socketcall),
};

static const int io_uring[] = {
    SCMP_SYS(io_uring_setup),
    SCMP_SYS(io_uring_enter),
    SCMP_SYS(io_uring_register),
};

static const int aio[] = {
    SCMP_SYS(io_setup),  SCMP_SYS(io_destroy),   SCMP_SYS(io_submit),
    SCMP_SYS(io_cancel), SCMP_SYS(io_getevents), SCMP_SYS(io_pgetevents),
};

static const int memfd[] = {
    SCMP_SYS(memfd_create),
};

static const int memory_policy[] = {
    SCMP_SYS(mbind),
    SCMP_SYS(set_mempolicy),
    SCMP_SYS(migrate_pages),
    SCMP_SYS(move_pages),
};

static const int keyring[] = {
    SCMP_SYS(keyctl),
    SCMP_SYS(request_key),
    SCMP_SYS(add_key),
};

static const int starting[] = {
    SCMP_SYS(fork), SCMP_SYS(vfork), SCMP_SYS(execve), SCMP_SYS(execveat), SCMP_SYS(clone), SCMP_SYS(clone3),
};

static const int identity[] = {
    SCMP_SYS(setuid),      SCMP_SYS(setgid),     SCMP_SYS(setreuid),   SCMP_SYS(setregid),    SCMP_SYS(setresuid),
    SCMP_SYS(setresgid),   SCMP_SYS(setgroups),  SCMP_SYS(setfsuid),   SCMP_SYS(setfsgid),    SCMP_SYS(setuid32),
    SCMP_SYS(setgid32),    SCMP_SYS(setreuid32), SCMP_SYS(setregid32), SCMP_SYS(setresuid32), SCMP_SYS(setresgid32),
    SCMP_SYS(setgroups32), SCMP_SYS(setpgid),    SCMP_SYS(setsid),     SCMP_SYS(chroot),
};

#define LIST(GROUP, NAME) [VT_SYSCALL_GROUP_##GROUP] = CALLS(NAME)

const ServiceCalls service_calls_groups[] = {
    LIST(NETWORK, network), LIST(IO_URING, io_uring),           LIST(AIO, aio),
    LIST(MEMFD, memfd),     LIST(MEMORY_POLICY, memory_policy), LIST(KEYRING, keyring),
    LIST(SPAWN, starting),  LIST(PRIVILEGES, identity),         LIST(RESOURCE_CONTROL, resources),
};
G_STATIC_ASSERT(G_N_ELEMENTS(service_calls_groups) == VT_SYSCALL_GROUP__MAX);

const ServiceCalls service_calls_base = CALLS(base);
const ServiceCalls service_calls_always = CALLS(always);
const ServiceCalls service_calls_obsolete = CALLS(obsolete);
const ServiceCalls service_calls_privileges = CALLS(privileges);
const ServiceCalls service_calls_spawning = CALLS(spawning);
const ServiceCalls service_calls_resources = CALLS(resources);

#endif
