/* SPDX-License-Identifier: MIT */
#include "fuzz-host.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <seccomp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <glib.h>

#define MAPPING_MAX (64 << 20)
#define EXIT_SKIP   77
#define THREAD_MS   60000
#define INPUT       "input" /* name of the main thread after the first input */

static int lowest_free;

static void
need(bool done, const char *what)
{
    if (!done) {
        fprintf(stderr, "fuzz: %s: %s; skipped, because inputs could reach the host\n", what, g_strerror(errno));
        exit(EXIT_SKIP);
    }
}

static void
write_text(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC);

    need(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text), path);
    close(fd);
}

static void
enter_namespaces(void)
{
    g_autofree char *uids = g_strdup_printf("0 %u 1", getuid()), *gids = g_strdup_printf("0 %u 1", getgid());

    need(unshare(CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS) == 0, "unshare");
    write_text("/proc/self/setgroups", "deny");
    write_text("/proc/self/uid_map", uids);
    write_text("/proc/self/gid_map", gids);
}

static void
enter_scratch(void)
{
    struct mount_attr closed = {.attr_set = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOSUID};
    struct mount_attr open = {.attr_clr = MOUNT_ATTR_RDONLY};
    const char *directory = g_getenv("VINTAGE_FUZZ_DIR");
    g_autofree char *scratch = NULL;

    errno = ENOENT;
    need(directory != NULL, "VINTAGE_FUZZ_DIR");
    scratch = g_build_filename(directory, "scratch", NULL);
    need(g_mkdir_with_parents(scratch, 0700) == 0, scratch);
    need(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0, "private mounts");
    need(mount(directory, directory, NULL, MS_BIND, NULL) == 0, directory);
    need(mount_setattr(AT_FDCWD, "/", AT_RECURSIVE, &closed, sizeof closed) == 0, "read-only mounts");
    need(mount_setattr(AT_FDCWD, directory, 0, &open, sizeof open) == 0, directory);
    need(mount("fuzz", scratch, "tmpfs", MS_NODEV | MS_NOSUID, "size=64m,nr_inodes=4096") == 0, "tmpfs");
    /* Sockets of host services. */
    if (g_file_test("/run", G_FILE_TEST_IS_DIR) && !g_str_has_prefix(directory, "/run/")) {
        need(mount("fuzz", "/run", "tmpfs", MS_NODEV | MS_NOSUID, "size=4k,nr_inodes=16") == 0, "/run");
    }
    need(chdir(scratch) == 0, scratch);
}

static void
deny(scmp_filter_ctx filter, int number, const int *calls, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        g_assert_cmpint(seccomp_rule_add(filter, SCMP_ACT_ERRNO((unsigned)number), calls[i], 0), ==, 0);
    }
}

static void
deny_calls(void)
{
    static const int calls[] = {
        SCMP_SYS(execve),     SCMP_SYS(execveat), SCMP_SYS(fork),     SCMP_SYS(vfork),
        SCMP_SYS(mount),      SCMP_SYS(umount2),  SCMP_SYS(unshare),  SCMP_SYS(setns),
        SCMP_SYS(pivot_root), SCMP_SYS(chroot),   SCMP_SYS(mlockall), SCMP_SYS(kill),
    };
    static const int new_calls[] = {SCMP_SYS(clone3)};
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);

    g_assert_nonnull(filter);
    deny(filter, EPERM, calls, G_N_ELEMENTS(calls));
    /* Threads are created with clone(), whose flags a filter can check. */
    deny(filter, ENOSYS, new_calls, G_N_ELEMENTS(new_calls));
#ifndef __s390x__
    seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(clone), 1, SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_VM, 0));
#endif
    seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOMEM), SCMP_SYS(mmap), 1, SCMP_A1(SCMP_CMP_GT, MAPPING_MAX));
    seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(close), 1,
                     SCMP_A0(SCMP_CMP_LT, (scmp_datum_t)lowest_free));
    seccomp_rule_add(filter, SCMP_ACT_ERRNO(EAFNOSUPPORT), SCMP_SYS(socket), 1, SCMP_A0(SCMP_CMP_EQ, AF_VSOCK));
    errno = EPERM;
    need(seccomp_load(filter) == 0, "seccomp");
    seccomp_release(filter);
}

static int
find_lowest_free(void)
{
    int fd = dup(STDERR_FILENO);

    close(fd);
    return fd;
}

/* A sanitizer report starts the symbolizer, which is not possible later. */
void __sanitizer_symbolize_pc(void *pc, const char *format, char *buffer, size_t size) __attribute__((weak));

void
fuzz_host_enter(void)
{
    char line[256];
    int null = open("/dev/null", O_RDONLY | O_CLOEXEC);

    dup2(null, STDIN_FILENO);
    close(null);
    if (__sanitizer_symbolize_pc) {
        __sanitizer_symbolize_pc((void *)(uintptr_t)fuzz_host_enter, "%f", line, sizeof line);
    }
    enter_namespaces();
    enter_scratch();
    /* Descriptors that GLib opens once and keeps. */
    g_main_context_default();
    lowest_free = find_lowest_free();
    deny_calls();
}

void
fuzz_host_write(const char *name, const void *bytes, size_t len)
{
    int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

    g_assert_cmpint(fd, >=, 0);
    g_assert_cmpint(write(fd, bytes, len), ==, (gssize)len);
    close(fd);
}

static void
remove_all(const char *path)
{
    g_autoptr(GDir) directory = g_dir_open(path, 0, NULL);
    const char *name;

    while (directory && (name = g_dir_read_name(directory))) {
        g_autofree char *below = g_build_filename(path, name, NULL);

        if (unlink(below) < 0) {
            remove_all(below);
            rmdir(below);
        }
    }
}

void
fuzz_host_reset(void)
{
    static const char disk[65536];
    static const char list[] = "{\"policy\":\"deny\",\"rules\":[{\"match\":\"some*\",\"policy\":\"allow\"}]}";

    remove_all(".");
    fuzz_host_write("disk", disk, sizeof disk);
    fuzz_host_write("secret", "1234567890", 10);
    fuzz_host_write("list", list, sizeof list - 1);
    fuzz_host_write("keys.psk", "me:0123456789abcdef\n", 20);
}

static char *
name_of(const char *task)
{
    g_autofree char *path = g_build_filename("/proc/self/task", task, "comm", NULL);
    char *name = NULL;

    g_file_get_contents(path, &name, NULL, NULL);
    return name;
}

/* Returns whether a thread of lookup.c, await.c or a probe runs: it continues after its request is cancelled.  A thread
 * that has just started has the name of the main thread (INPUT). */
static bool
works_in_a_thread(void)
{
    static const char *const names[] = {"lookup\n", "await\n", "reap\n", INPUT "\n", NULL};
    g_autofree char *main_task = g_strdup_printf("%d", (int)getpid());
    g_autoptr(GDir) tasks = g_dir_open("/proc/self/task", 0, NULL);
    const char *task;
    bool found = false;

    while (tasks && !found && (task = g_dir_read_name(tasks))) {
        g_autofree char *name = name_of(task);

        found = strcmp(task, main_task) != 0 && name && g_strv_contains(names, name);
    }
    return found;
}

void
fuzz_host_check(void)
{
    for (unsigned i = 0; works_in_a_thread(); i++) {
        g_assert_cmpuint(i, <, THREAD_MS);
        g_usleep(1000);
    }
    /* The thread leaves its result to the main loop. */
    while (g_main_context_iteration(NULL, FALSE)) {
        continue;
    }
    g_assert_cmpint(find_lowest_free(), ==, lowest_free);
    /* Threads of libFuzzer have started by now, with the earlier name. */
    prctl(PR_SET_NAME, INPUT);
}
