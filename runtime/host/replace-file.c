/* SPDX-License-Identifier: MIT */
#include "vt-runtime/open-file.h"
#include "vt-runtime/replace-file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "vt-runtime/error.h"

static bool
write_all(int fd, const char *text, size_t len)
{
    while (len) {
        ssize_t n = write(fd, text, len);

        if (n < 0 && errno != EINTR) {
            return false;
        }
        text += MAX(n, 0);
        len -= (size_t)MAX(n, 0);
    }
    return true;
}

static bool
write_through(const char *path, const char *text, size_t len)
{
    int fd = vt_file_open(path, O_WRONLY, VT_FILE_REGULAR | VT_FILE_CHARACTER | VT_FILE_PIPE, 0, NULL), number;
    bool ok = fd >= 0 && write_all(fd, text, len);

    number = errno;
    if (fd >= 0) {
        close(fd);
    }
    errno = number;
    return ok;
}

static bool
fill(int fd, const struct stat *old, const char *text, size_t len)
{
    /* Only a privileged process can change the owner. */
    if (old && fchown(fd, old->st_uid, old->st_gid) < 0 && errno != EPERM) {
        return false;
    }
    return (!old || fchmod(fd, old->st_mode & 07777) == 0) && write_all(fd, text, len) && fsync(fd) == 0;
}

/* Links the complete file @fd to @path. If @path exists, links it to a unique name first and renames it. */
static bool
put_in_place(int fd, const char *directory, const char *path)
{
    g_autofree char *self = g_strdup_printf("/proc/self/fd/%d", fd);
    g_autofree char *name = g_strdup_printf("%s/.vintage-%d-%08x", directory, (int)getpid(), g_random_int());

    if (linkat(AT_FDCWD, self, AT_FDCWD, path, AT_SYMLINK_FOLLOW) == 0) {
        return true;
    }
    if (errno != EEXIST || linkat(AT_FDCWD, self, AT_FDCWD, name, AT_SYMLINK_FOLLOW) < 0) {
        return false;
    }
    if (rename(name, path) < 0) {
        int number = errno;

        unlink(name);
        errno = number;
        return false;
    }
    return true;
}

/* For a file system without O_TMPFILE. */
static bool
write_named(const char *directory, const char *path, const struct stat *old, const char *text, size_t len)
{
    g_autofree char *name = g_build_filename(directory, ".vintage-XXXXXX", NULL);
    int fd = mkostemp(name, O_CLOEXEC), number;
    bool ok = fd >= 0 && fill(fd, old, text, len) && rename(name, path) == 0;

    number = errno;
    if (fd >= 0) {
        close(fd);
    }
    if (fd >= 0 && !ok) {
        unlink(name);
    }
    errno = number;
    return ok;
}

/* Writes the new file in the directory of @path. @old: the file it replaces; NULL: none. */
static bool
write_beside(const char *path, const struct stat *old, const char *text, size_t len)
{
    g_autofree char *directory = g_path_get_dirname(path);
    int fd = open(directory, O_TMPFILE | O_RDWR | O_CLOEXEC, 0666), number;
    bool ok;

    if (fd < 0) {
        return (errno == EOPNOTSUPP || errno == EISDIR) && write_named(directory, path, old, text, len);
    }
    ok = fill(fd, old, text, len) && put_in_place(fd, directory, path);
    number = errno;
    close(fd);
    errno = number;
    return ok;
}

bool
vt_file_replace(const char *path, const char *text, size_t len, GError **error)
{
    g_autofree char *target = vt_path_follow(path);
    struct stat st;
    bool exists = target && stat(target, &st) == 0, ok = false;

    if (target) {
        ok = exists && !S_ISREG(st.st_mode) ? write_through(target, text, len)
                                            : write_beside(target, exists ? &st : NULL, text, len);
    }
    return ok || vt_error_set(error, "%s: cannot be written: %s", path, g_strerror(errno));
}
