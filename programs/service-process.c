/* SPDX-License-Identifier: MIT */
#include "service-process.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "vt-runtime/error.h"
#include "vt-runtime/open-file.h"
#include "vt-runtime/own-path.h"

/* ---- daemon -------------------------------------------------------------------------------------------- */

static int ready = -1; /* pipe that reports the result of the startup to the first process */
static int null = -1;  /* /dev/null, opened before the root directory changes */

static int
wait_for(pid_t child, int fd)
{
    char byte;
    ssize_t n;
    int status;

    do {
        n = read(fd, &byte, 1);
    } while (n < 0 && errno == EINTR);
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    return n == 1 ? 0 : 1;
}

bool
service_detach(int *ret_status)
{
    int fds[2];
    pid_t child;

    null = open("/dev/null", O_RDWR | O_CLOEXEC);
    if (null < 0 || pipe2(fds, O_CLOEXEC) < 0 || (child = fork()) < 0) {
        fprintf(stderr, "cannot start a daemon: %s\n", g_strerror(errno));
        *ret_status = 1;
        return false;
    }
    if (child) {
        close(fds[1]);
        *ret_status = wait_for(child, fds[0]);
        return false;
    }
    close(fds[0]);
    setsid();
    /* The second child is not a session leader, so it never acquires a controlling terminal. */
    child = fork();
    if (child) {
        _exit(child < 0);
    }
    ready = fds[1];
    return true;
}

void
service_detached(void)
{
    ssize_t n;

    /* The working directory stays the same, so relative paths keep their meaning. */
    for (int fd = 0; fd < 3; fd++) {
        dup2(null, fd);
    }
    if (null > 2) {
        close(null);
    }
    do {
        n = write(ready, "", 1);
    } while (n < 0 && errno == EINTR);
    close(ready);
    ready = -1;
}

/* ---- PID file ------------------------------------------------------------------------------------------ */

struct ServicePidfile {
    VtOwnPath *own; /* NULL: the path is a symbolic link, and its target is not removed */
    int fd;
};

/* Returns whether the path still refers to the locked file: its last owner may have removed it meanwhile. */
static bool
is_there(int fd, const char *path)
{
    struct stat ours, named;

    return fstat(fd, &ours) == 0 && stat(path, &named) == 0 && ours.st_ino == named.st_ino &&
           ours.st_dev == named.st_dev;
}

/* *@ret_created: the file is new. */
static int
open_regular(const char *path, uint16_t mode, bool *ret_created, const char **ret_why)
{
    mode_t permissions = vt_file_mode(mode, 0644);
    int fd = vt_file_open(path, O_CREAT | O_EXCL | O_RDWR, VT_FILE_REGULAR, permissions, ret_why);

    *ret_created = fd >= 0;
    return fd >= 0 || errno != EEXIST ? fd
                                      : vt_file_open(path, O_CREAT | O_RDWR, VT_FILE_REGULAR, permissions, ret_why);
}

static int
open_locked(const char *path, uint16_t mode, bool *ret_created, GError **error)
{
    const char *why;
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};

    for (;;) {
        int fd = open_regular(path, mode, ret_created, &why);

        if (fd < 0) {
            vt_error_set(error, "pidfile '%s': %s", path,
                         errno == EISDIR ? "is a directory; expected a regular file" : why);
            return -1;
        }
        if (fcntl(fd, F_SETLK, &lock) < 0) {
            vt_error_set(error, "pidfile '%s': %s", path,
                         errno == EAGAIN || errno == EACCES ? "another process has locked it" : g_strerror(errno));
            close(fd);
            return -1;
        }
        if (is_there(fd, path)) {
            return fd;
        }
        close(fd);
    }
}

ServicePidfile *
service_pidfile_new(const char *path, uint16_t mode, GError **error)
{
    g_autofree char *text = g_strdup_printf("%d\n", (int)getpid());
    ServicePidfile *pidfile;
    VtOwnPath *own;
    bool created;
    int fd = open_locked(path, mode, &created, error);

    if (fd < 0) {
        return NULL;
    }
    own = vt_own_path_new(path, fd);
    if (ftruncate(fd, 0) < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text)) {
        vt_error_set(error, "pidfile '%s': cannot be written: %s", path, g_strerror(errno));
        if (created) {
            vt_own_path_remove(own);
        } else {
            vt_own_path_free(own);
        }
        close(fd);
        return NULL;
    }
    pidfile = g_new(ServicePidfile, 1);
    *pidfile = (ServicePidfile){own, fd};
    return pidfile;
}

void
service_pidfile_free(ServicePidfile *pidfile)
{
    if (pidfile) {
        vt_own_path_remove(pidfile->own);
        close(pidfile->fd);
        g_free(pidfile);
    }
}
