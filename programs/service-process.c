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

/* ---- in the background --------------------------------------------------------------------------------- */

static int ready = -1; /* where the new process says that it is */
static int null = -1;  /* /dev/null, opened before the root directory can change */

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
        fprintf(stderr, "cannot go to the background: %s\n", g_strerror(errno));
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
    /* Not the session's leader: no terminal that is opened later becomes its own. */
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

    /* The working directory stays: paths that are given later are relative to it, as the first ones were. */
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

/* ---- pidfile ------------------------------------------------------------------------------------------- */

struct ServicePidfile {
    char *path;
    int fd;
};

/* Whether the file that was locked still is the one of that name: its last holder may have removed it meanwhile. */
static bool
is_there(int fd, const char *path)
{
    struct stat ours, named;

    return fstat(fd, &ours) == 0 && stat(path, &named) == 0 && ours.st_ino == named.st_ino &&
           ours.st_dev == named.st_dev;
}

static int
open_locked(const char *path, GError **error)
{
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};

    for (;;) {
        int fd = open(path, O_CREAT | O_RDWR | O_CLOEXEC, 0644);

        if (fd < 0) {
            vt_error_set(error, "-pidfile %s: cannot be opened: %s", path, g_strerror(errno));
            return -1;
        }
        if (fcntl(fd, F_SETLK, &lock) < 0) {
            vt_error_set(error, "-pidfile %s: %s", path,
                         errno == EAGAIN || errno == EACCES ? "another process holds it" : g_strerror(errno));
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
service_pidfile_new(const char *path, GError **error)
{
    g_autofree char *text = g_strdup_printf("%d\n", (int)getpid());
    ServicePidfile *pidfile;
    int fd = open_locked(path, error);

    if (fd < 0) {
        return NULL;
    }
    if (ftruncate(fd, 0) < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text)) {
        vt_error_set(error, "-pidfile %s: cannot be written: %s", path, g_strerror(errno));
        unlink(path);
        close(fd);
        return NULL;
    }
    pidfile = g_new(ServicePidfile, 1);
    *pidfile = (ServicePidfile){g_strdup(path), fd};
    return pidfile;
}

void
service_pidfile_free(ServicePidfile *pidfile)
{
    if (pidfile) {
        unlink(pidfile->path);
        close(pidfile->fd);
        g_free(pidfile->path);
        g_free(pidfile);
    }
}
